import { describe, expect, it } from 'vitest';
import { type Cluster, perNode, replicas, start } from '../../../test/swarm/cluster.ts';
import { description, service } from '../../../test/swarm/fixture.ts';
import { removeNode } from '../nodes.ts';
import type { ServiceSpec, TaskSpec } from '../spec.ts';
import { isWanted } from '../task-state.ts';

describe('a task that ended', () => {
  const withPolicy = (RestartPolicy: TaskSpec['RestartPolicy']) => {
    const { cluster } = start();
    const { id } = cluster.create(service('web', { ...replicas(1), task: { RestartPolicy } }));
    cluster.settle();
    return { cluster, id };
  };
  const end = (cluster: Cluster, id: string, state: 'failed' | 'complete' = 'failed') => {
    for (const task of cluster.running(id)) cluster.say(task, state);
    cluster.settle();
  };

  it('runs again after its delay, and is prepared before', () => {
    const { cluster, id } = withPolicy({ Delay: 5e9 });
    end(cluster, id);
    const next = cluster.tasks(id).find(isWanted);
    expect([next?.slot, next?.desiredState, next?.status.state]).toEqual([1, 'ready', 'ready']);
    cluster.pass(4.9);
    expect(cluster.running(id).length).toBe(0);
    cluster.pass(0.2);
    expect(cluster.running(id).length).toBe(1);
  });

  it.each([
    ['any', 'complete', 1],
    ['on-failure', 'complete', 0],
    ['on-failure', 'failed', 1],
    ['none', 'failed', 0],
  ] as const)('with the condition %s and state %s: %i', (Condition, state, count) => {
    const { cluster, id } = withPolicy({ Condition, Delay: 0 });
    end(cluster, id, state);
    cluster.pass(60);
    expect([cluster.running(id).length, cluster.tasks(id).length]).toEqual([count, 1 + count]);
  });

  it('runs again as often as is allowed, and within a window more often', () => {
    const { cluster, id } = withPolicy({ Delay: 0, MaxAttempts: 2 });
    for (let i = 0; i < 5; i++) end(cluster, id);
    expect([cluster.running(id).length, cluster.tasks(id).length]).toEqual([0, 3]);
    const other = withPolicy({ Delay: 0, MaxAttempts: 2, Window: 10e9 });
    for (let i = 0; i < 5; i++) {
      other.cluster.pass(6);
      end(other.cluster, other.id);
    }
    expect(other.cluster.running(other.id).length).toBe(1);
  });

  it('is kept, five for each slot, and less where less is asked', () => {
    const { cluster, id } = withPolicy({ Delay: 0 });
    for (let i = 0; i < 9; i++) {
      end(cluster, id);
      cluster.pass(1);
    }
    expect(cluster.tasks(id).length).toBe(5);
  });

  it('in a loop of failures is not replaced faster than by its delay', () => {
    const { cluster, id } = withPolicy({ Delay: 5e9 });
    cluster.fails = () => 'rejected';
    end(cluster, id);
    const before = cluster.view.revision;
    cluster.pass(20);
    expect(cluster.view.revision - before).toBeLessThan(40);
  });
});

describe('a node', () => {
  it('that is down has its tasks elsewhere at once, and ends them when it is back', () => {
    const { cluster, ids } = start();
    const { id } = cluster.create(service('web', replicas(6)));
    cluster.settle();
    cluster.setNode(ids[2] ?? '', { state: 'down' });
    cluster.settle();
    expect(perNode(cluster.running(id), ids)).toEqual([3, 3, 0]);
    cluster.setNode(ids[2] ?? '', { state: 'ready' });
    cluster.settle();
    expect(
      cluster
        .tasks(id)
        .filter(({ nodeId }) => nodeId === ids[2])
        .map(({ status }) => status.state),
    ).toEqual(['shutdown', 'shutdown']);
  });

  it('that is down for a day, or is removed, no longer holds addresses', () => {
    const { cluster, ids } = start();
    cluster.network('back');
    const { id } = cluster.create(
      service('web', { ...replicas(3), task: { Networks: [{ Target: 'back' }] } }),
    );
    cluster.settle();
    for (const gone of ids.slice(1)) cluster.setNode(gone, { state: 'down' });
    cluster.pass(60);
    cluster.commit(removeNode({ id: ids[1] ?? '', force: false }, cluster.context()));
    cluster.settle();
    const states = () =>
      cluster
        .tasks(id)
        .filter(({ nodeId }) => nodeId !== ids[0])
        .map(({ status }) => status.state);
    expect(states().sort()).toEqual(['orphaned', 'running']);
    cluster.pass(24 * 3600);
    expect(states()).toEqual(['orphaned', 'orphaned']);
  });

  it('that is drained is left after others run in place, and that is paused gets no more', () => {
    const { cluster, ids } = start();
    const { id } = cluster.create(service('web', replicas(3)));
    cluster.settle();
    cluster.setNode(ids[0] ?? '', { availability: 'drain' });
    cluster.setNode(ids[1] ?? '', { availability: 'pause' });
    cluster.pass(3);
    expect(perNode(cluster.running(id), ids)).toEqual([0, 1, 2]);
  });

  it('that no longer meets the constraints is left', () => {
    const { cluster, ids } = start();
    const labelled = (Disk: string) =>
      ({ Name: '', Labels: { disk: Disk }, Role: 'worker', Availability: 'active' }) as const;
    const node = cluster.view.get('nodes', ids[1] ?? '');
    if (!node) throw new Error('no node');
    cluster.put({ table: 'nodes', put: { ...node, spec: labelled('ssd') } });
    const { id } = cluster.create(
      service('web', { ...replicas(2), task: { Placement: { Constraints: ['node.labels.disk==ssd'] } } }),
    );
    cluster.settle();
    expect(perNode(cluster.running(id), ids)).toEqual([0, 2, 0]);
    cluster.put({ table: 'nodes', put: { ...node, spec: labelled('slow') } });
    cluster.pass(3);
    const waiting = cluster.tasks(id).filter(isWanted);
    expect(waiting.map(({ status }) => [status.state, status.error])).toEqual(
      Array(2).fill([
        'pending',
        'no suitable node (scheduling constraints not satisfied on 3 nodes): node.labels.disk==ssd',
      ]),
    );
  });
});

describe('a task without a node', () => {
  const port = (mode: 'host' | 'ingress') => ({
    Protocol: 'tcp' as const,
    TargetPort: 80,
    PublishedPort: 8080,
    PublishMode: mode,
  });
  it.each<[string, Partial<ServiceSpec> & { task?: Partial<TaskSpec> }, string]>([
    [
      'resources',
      { task: { Resources: { Reservations: { NanoCPUs: 9e9 } } } },
      'insufficient resources on 2 nodes; 1 node not available for new tasks): 9 CPUs asked, 8 free at most',
    ],
    [
      'a plugin',
      { task: { LogDriver: { Name: 'gelf' } } },
      'missing plugin on 2 nodes; 1 node not available for new tasks): gelf',
    ],
    [
      'a platform',
      { task: { Placement: { Platforms: [{ OS: 'windows' }] } } },
      'unsupported platform on 2 nodes; 1 node not available for new tasks): windows/',
    ],
    [
      'a port',
      { ...replicas(3), EndpointSpec: { Ports: [port('host')] } },
      'host-mode port already in use on 2 nodes; 1 node not available for new tasks): tcp 8080',
    ],
    [
      'room',
      { ...replicas(3), task: { Placement: { MaxReplicas: 1 } } },
      'max replicas per node limit exceed; 1 node not available for new tasks)',
    ],
  ])('for want of %s says so, and runs when there is one', (_what, spec, why) => {
    const { cluster, ids } = start();
    cluster.setNode(ids[0] ?? '', { availability: 'pause' });
    for (const id of ids.slice(1)) {
      const node = cluster.view.get('nodes', id);
      if (!node) throw new Error('no node');
      const engine = { version: '', labels: {}, plugins: [{ type: 'Log', name: 'local' }] };
      cluster.put({ table: 'nodes', put: { ...node, description: description('n', { engine }) } });
    }
    const { id } = cluster.create(service('web', spec));
    cluster.settle();
    expect(
      cluster
        .tasks(id)
        .filter(({ nodeId }) => nodeId === '')
        .map(({ status }) => status.error),
    ).toContain(`no suitable node (${why}`);
    cluster.node('rich', {
      description: description('rich', {
        resources: { nanoCpus: 64e9, memoryBytes: 2 ** 40 },
        platform: { os: 'windows', architecture: 'amd64' },
        engine: { version: '', labels: {}, plugins: [{ type: 'Log', name: 'gelf' }] },
      }),
    });
    cluster.settle();
    expect(cluster.tasks(id).filter(({ nodeId }) => nodeId === '')).toEqual([]);
  });

  it('for want of an address names the network, and runs when one is free', () => {
    const { cluster } = start();
    cluster.network('tiny', {
      ipam: {
        driver: 'default',
        options: {},
        pools: [{ subnet: '10.9.0.0/29', gateway: '10.9.0.1', auxAddresses: {} }],
      },
    });
    const spec = (name: string, n: number) =>
      service(name, { ...replicas(n), task: { Networks: [{ Target: 'tiny' }] } });
    const one = cluster.create(spec('one', 5));
    cluster.settle();
    const waiting = cluster.tasks(one.id).filter(({ nodeId }) => nodeId === '');
    expect(waiting.map(({ status }) => status.error)).toEqual(['no address is left on network tiny']);
    cluster.update(one.id, spec('one', 1));
    const two = cluster.create(spec('two', 1));
    cluster.pass(3);
    expect([cluster.running(one.id).length, cluster.running(two.id).length]).toEqual([1, 1]);
  });

  it('is spread over values of a label first', () => {
    const { cluster } = start(0);
    const rack = (name: string, value: string) =>
      cluster.node(name, {
        spec: { Name: '', Labels: { rack: value }, Role: 'worker', Availability: 'active' },
      });
    const a = [rack('a1', 'a'), rack('a2', 'a'), rack('a3', 'a')].map(({ id }) => id);
    const b = rack('b1', 'b').id;
    const { id } = cluster.create(
      service('web', {
        ...replicas(6),
        task: { Placement: { Preferences: [{ Spread: { SpreadDescriptor: 'node.labels.rack' } }] } },
      }),
    );
    cluster.settle();
    expect(perNode(cluster.running(id), [...a, b])).toEqual([1, 1, 1, 3]);
  });
});
