import { describe, expect, it } from 'vitest';
import { perNode, replicas, slots, start } from '../../test/swarm/cluster.ts';
import { service } from '../../test/swarm/fixture.ts';
import { attachContainer } from './attachments.ts';
import { removeNode } from './nodes.ts';
import { removeService } from './services.ts';
import { isWanted } from './task-state.ts';

describe('a replicated service', () => {
  it('has its tasks spread over the nodes at once, each with an address and a MAC', () => {
    const { cluster, ids } = start();
    cluster.network('back');
    const { id } = cluster.create(
      service('web', { ...replicas(6), task: { Networks: [{ Target: 'back', Aliases: ['w'] }] } }),
    );
    cluster.decide();
    const tasks = cluster.tasks(id);
    expect([perNode(tasks, ids), slots(tasks)]).toEqual([
      [2, 2, 2],
      [1, 2, 3, 4, 5, 6],
    ]);
    expect(tasks.map(({ status }) => status.state)).toEqual(Array(6).fill('assigned'));
    const addresses = tasks.map(({ attachments }) => attachments[0]?.addresses[0]);
    const vip = cluster.service(id).endpoint?.addresses[0]?.address;
    expect([vip, new Set([vip, ...addresses]).size]).toEqual(['10.0.3.2/24', 7]);
    expect(tasks[0]?.attachments[0]).toMatchObject({
      aliases: ['w'],
      mac: expect.stringMatching(/^02(:..){5}$/),
    });
    expect(Array.from(cluster.view.all('nodes'), ({ number }) => number)).toEqual([1, 2, 3]);
  });

  it('grows in free slots, and shrinks where most tasks are', () => {
    const { cluster, ids } = start();
    const { id } = cluster.create(service('web', replicas(3)));
    cluster.settle();
    cluster.update(id, service('web', replicas(7)));
    cluster.settle();
    expect([slots(cluster.running(id)), cluster.service(id).updateStatus]).toEqual([
      [1, 2, 3, 4, 5, 6, 7],
      undefined,
    ]);
    cluster.update(id, service('web', replicas(3)));
    cluster.pass(3);
    expect([cluster.tasks(id).length, perNode(cluster.running(id), ids)]).toEqual([3, [1, 1, 1]]);
  });

  it('gives freed addresses again last', () => {
    const { cluster } = start();
    cluster.network('back');
    const spec = (n: number) => service('web', { ...replicas(n), task: { Networks: [{ Target: 'back' }] } });
    const { id } = cluster.create(spec(2));
    cluster.settle();
    const first = cluster.tasks(id).map(({ attachments }) => attachments[0]?.addresses[0]);
    cluster.update(id, spec(0));
    cluster.pass(3);
    cluster.changeLeader();
    cluster.update(id, spec(1));
    cluster.settle();
    cluster.update(id, spec(2));
    cluster.settle();
    const second = cluster.tasks(id).map(({ attachments }) => attachments[0]?.addresses[0]);
    expect([first, second]).toEqual([
      ['10.0.3.3/24', '10.0.3.4/24'],
      ['10.0.3.3/24', '10.0.3.4/24'],
    ]);
  });

  it('is gone with all its tasks when it is removed', () => {
    const { cluster, ids } = start();
    const { id } = cluster.create(service('web', replicas(4)));
    cluster.settle();
    cluster.setNode(ids[0] ?? '', { state: 'down' });
    cluster.commit(removeService(id));
    cluster.settle();
    expect(cluster.tasks(id).map(({ nodeId }) => nodeId)).toEqual(cluster.tasks(id).map(() => ids[0]));
    cluster.setNode(ids[0] ?? '', { state: 'ready' });
    cluster.settle();
    expect(cluster.tasks(id)).toEqual([]);
  });
});

describe('a global service and jobs', () => {
  it('have a task on each node that fits, also on new ones', () => {
    const { cluster, ids } = start();
    const { id } = cluster.create(service('all', { Mode: { Global: {} } }));
    cluster.settle();
    ids.push(cluster.node('node4').id);
    cluster.settle();
    expect(perNode(cluster.running(id), ids)).toEqual([1, 1, 1, 1]);
    cluster.setNode(ids[0] ?? '', { availability: 'drain' });
    cluster.setNode(ids[1] ?? '', { state: 'down' });
    cluster.pass(3);
    expect(perNode(cluster.running(id), ids)).toEqual([0, 0, 1, 1]);
    cluster.setNode(ids[0] ?? '', { availability: 'active' });
    cluster.setNode(ids[1] ?? '', { state: 'ready' });
    cluster.pass(3);
    expect(perNode(cluster.running(id), ids)).toEqual([1, 1, 1, 1]);
  });

  it('keep nothing of a node that was removed', () => {
    const { cluster, ids } = start();
    const { id } = cluster.create(service('all', { Mode: { Global: {} } }));
    cluster.settle();
    cluster.setNode(ids[0] ?? '', { state: 'down' });
    cluster.settle();
    cluster.commit(removeNode({ id: ids[0] ?? '', force: false }, cluster.context()));
    cluster.settle();
    expect(perNode(cluster.tasks(id), ids)).toEqual([0, 1, 1]);
  });

  it('run so many at once until so many are complete, and again when asked', () => {
    const { cluster } = start();
    const spec = (ForceUpdate: number) =>
      service('job', {
        Mode: { ReplicatedJob: { MaxConcurrent: 2, TotalCompletions: 5 } },
        task: { ForceUpdate },
      });
    const { id } = cluster.create(spec(0));
    cluster.settle();
    expect(cluster.running(id).length).toBe(2);
    cluster.fails = ({ slot, status }) =>
      status.state === 'running' ? 'complete' : slot === 9 ? 'failed' : undefined;
    cluster.pass(1);
    expect(
      cluster
        .tasks(id)
        .map(({ status, slot }) => [slot, status.state])
        .sort(),
    ).toEqual([1, 2, 3, 4, 5].map((slot) => [slot, 'complete']));
    cluster.update(id, spec(1));
    cluster.pass(1);
    const ran = cluster
      .tasks(id)
      .filter(({ jobIteration, status }) => jobIteration === 1 && status.state === 'complete');
    expect(slots(ran)).toEqual([1, 2, 3, 4, 5]);
  });

  it('run once on each node', () => {
    const { cluster, ids } = start();
    const { id } = cluster.create(service('job', { Mode: { GlobalJob: {} } }));
    cluster.fails = ({ status }) => (status.state === 'running' ? 'complete' : undefined);
    cluster.pass(30);
    expect([perNode(cluster.tasks(id), ids), cluster.tasks(id)[0]?.status.state]).toEqual([
      [1, 1, 1],
      'complete',
    ]);
  });
});

describe('a task that others reach', () => {
  it('drains until all nodes know, and two seconds at most', () => {
    const { cluster, ids } = start();
    cluster.network('back');
    const spec = (n: number) => service('web', { ...replicas(n), task: { Networks: [{ Target: 'back' }] } });
    const { id } = cluster.create(spec(2));
    cluster.settle();
    cluster.dead.add(ids[2] ?? '');
    cluster.update(id, spec(1));
    cluster.decide();
    const ending = () => cluster.tasks(id).find((task) => !isWanted(task));
    expect([ending()?.desiredState, ending()?.drainingSince !== undefined]).toEqual(['remove', true]);
    cluster.now += 1_900;
    cluster.decide();
    expect(ending()?.drainingSince).toBeDefined();
    cluster.dead.clear();
    cluster.decide();
    expect(ending()?.drainingSince).toBeUndefined();
  });
});

describe('ports', () => {
  it('are chosen from 30000 where none is named, and stay', () => {
    const { cluster } = start();
    const open = { Protocol: 'tcp' as const, TargetPort: 80, PublishMode: 'ingress' as const };
    const taken = { ...open, PublishedPort: 30_000 };
    cluster.create(service('one', { EndpointSpec: { Ports: [taken] } }));
    const two = cluster.create(
      service('two', { EndpointSpec: { Ports: [open, { ...open, TargetPort: 81 }] } }),
    );
    cluster.settle();
    const ports = () => cluster.service(two.id).endpoint?.ports.map(({ PublishedPort }) => PublishedPort);
    expect(ports()).toEqual([30_001, 30_002]);
    cluster.update(two.id, service('two', { EndpointSpec: { Ports: [{ ...open, TargetPort: 81 }] } }));
    cluster.settle();
    expect(ports()).toEqual([30_002]);
    const three = cluster.create(service('three', { EndpointSpec: { Ports: [open] } }));
    cluster.settle();
    expect(cluster.service(three.id).endpoint?.ports[0]?.PublishedPort).toBe(30_003);
  });
});

describe('a standalone container', () => {
  it('gets an address, the one that it asks for, or the reason', () => {
    const { cluster, ids } = start();
    cluster.network('att', { attachable: true });
    const [nodeId = ''] = ids;
    const attach = (ipv4: string) => {
      const request = { network: 'att', containerId: 'c1', name: 'c', ipv4, ipv6: '', aliases: [] };
      const { id } = cluster.commit(attachContainer({ nodeId, request }, cluster.context()));
      cluster.decide();
      const task = cluster.view.get('tasks', id);
      return [task?.status.state, task?.attachments[0]?.addresses, task?.status.error];
    };
    expect(attach('')).toEqual(['assigned', ['10.0.3.2/24'], '']);
    expect(attach('10.0.3.77')).toEqual(['assigned', ['10.0.3.77/24'], '']);
    expect(attach('10.0.3.77')).toEqual(['rejected', ['10.0.3.77'], 'Address already in use']);
    cluster.pass(61);
    expect(Array.from(cluster.view.all('tasks')).length).toBe(2);
  });
});
