import { describe, expect, it } from 'vitest';
import { replicas, start } from '../../test/swarm/cluster.ts';
import { service } from '../../test/swarm/fixture.ts';
import { Assigner, assignmentsOf } from './assign.ts';
import { attachContainer, renameAttachment } from './attachments.ts';
import { createConfig, createSecret } from './files.ts';
import { partsBetween } from './parts.ts';
import { expandTask, taskName } from './templates.ts';

const file = (Name: string) => ({ Name, UID: '0', GID: '0', Mode: 0o444 });
const ids = (records: readonly { readonly id: string }[]) => records.map(({ id }) => id);

/** Two tasks of `web` on two of three nodes, on a network and with a published port. */
function shop() {
  const { cluster, ids: nodes } = start();
  cluster.network('back', { attachable: true });
  const secret = cluster.commit(createSecret({ Name: 'key', Labels: {}, Data: 'eA==' }, cluster.context()));
  const config = cluster.commit(createConfig({ Name: 'conf', Labels: {}, Data: 'eQ==' }, cluster.context()));
  cluster.commit(createSecret({ Name: 'other', Labels: {}, Data: 'eg==' }, cluster.context()));
  cluster.setNode(nodes[2] ?? '', { availability: 'pause' });
  const { id } = cluster.create(
    service('web', {
      ...replicas(2),
      EndpointSpec: { Ports: [{ Protocol: 'tcp', TargetPort: 80, PublishedPort: 8080 }] },
      task: {
        Networks: [{ Target: 'back', Aliases: ['shop'] }],
        ContainerSpec: {
          Image: 'busybox',
          Secrets: [{ SecretID: secret.id, SecretName: 'key', File: file('key') }],
          Configs: [{ ConfigID: config.id, ConfigName: 'conf', File: file('conf') }],
        },
      },
    }),
  );
  cluster.settle();
  const of = (i: number) => assignmentsOf(cluster.view, nodes[i] ?? '');
  return { cluster, nodes, id, of, tasks: cluster.tasks(id) };
}

describe('a node is given', () => {
  it('what its tasks need, and nothing else', () => {
    const { of, tasks, nodes } = shop();
    const [own, other] = tasks;
    if (!own || !other) throw new Error('no tasks');
    const given = of(0);
    expect(ids(given.tasks)).toEqual([own.id]);
    expect(given.networks.map(({ name }) => name).toSorted()).toEqual(['back', 'ingress']);
    expect(given.secrets.map(({ name, data }) => [name, data])).toEqual([['key', 'eA==']]);
    expect(given.configs.map(({ name, data }) => [name, data])).toEqual([['conf', 'eQ==']]);
    expect(given.peers).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f]{64}$/),
        networkId: own.attachments[0]?.networkId,
        nodeId: nodes[1],
        name: `web.2.${other.id}`,
        dnsNames: [`web.2.${other.id}`, other.id.slice(0, 12)],
        addresses: other.attachments[0]?.addresses,
        mac: other.attachments[0]?.mac,
      },
    ]);
    expect(given.services).toMatchObject([
      { name: 'web', aliases: ['shop'], addresses: ['10.0.3.2'], backends: [{ open: true }, { open: true }] },
    ]);
    const idle = of(2);
    expect(idle.networks.map(({ name }) => name)).toEqual(['ingress']);
    expect([idle.tasks, idle.peers, idle.services, idle.secrets]).toEqual([[], [], [], []]);
  });

  it('ports of the mesh and all nodes, wherever it is', () => {
    const { of, tasks } = shop();
    const { meshPorts, nodes } = of(2);
    expect(meshPorts).toEqual([
      {
        id: 'tcp 8080',
        protocol: 'tcp',
        port: 8080,
        targetPort: 80,
        serviceId: tasks[0]?.serviceId,
        serviceName: 'web',
        backends: tasks.map((task) => ({
          id: task.id,
          nodeId: task.nodeId,
          open: true,
          container: taskName(task),
        })),
      },
    ]);
    expect(nodes.map(({ name, number, data4 }) => [name, number, data4])).toEqual(
      [1, 2, 3].map((i) => [`node${i}`, i, '192.0.2.1']),
    );
  });

  it('the port of the tunnels, where it is not the usual one', () => {
    const { cluster, of } = shop();
    expect(of(0).nodes.map(({ dataPort }) => dataPort)).toEqual([undefined, undefined, undefined]);
    const [record] = cluster.view.all('cluster');
    if (!record) throw new Error('no cluster');
    cluster.put({ table: 'cluster', put: { ...record, dataPathPort: 7788 } });
    expect(of(0).nodes.map(({ dataPort }) => dataPort)).toEqual([7788, 7788, 7788]);
  });

  it('the same while its tasks only come up', () => {
    const { cluster, nodes, of } = shop();
    const before = JSON.stringify({ ...of(0), revision: 0 });
    const [task] = cluster.view.tasksOfNode(nodes[0] ?? '');
    if (!task) throw new Error('no task');
    cluster.put({ table: 'tasks', put: { ...task, status: { ...task.status, message: 'still' } } });
    expect(JSON.stringify({ ...of(0), revision: 0 })).toBe(before);
  });

  it('of a change only the parts that it is about', () => {
    const { cluster, nodes, tasks } = shop();
    const assigner = new Assigner(cluster.view);
    cluster.listeners.push((changes, before) => assigner.changed(changes, before));
    const [before, idle] = [assigner.partsOf(nodes[0] ?? ''), assigner.partsOf(nodes[2] ?? '')];
    const other = tasks[1];
    if (!other) throw new Error('no task');
    cluster.say(other, 'failed');
    cluster.put({ table: 'nodes', put: { ...cluster.node('node4') } });
    const change = partsBetween(before, assigner.partsOf(nodes[0] ?? ''));
    const kinds = Object.keys(change?.put ?? {}).map((key) => key.split(' ')[0]);
    expect([kinds.sort(), change?.gone]).toEqual([['meshPorts', 'nodes', 'peers', 'services'], []]);
    const mesh = partsBetween(idle, assigner.partsOf(nodes[2] ?? ''));
    expect(
      Object.keys(mesh?.put ?? {})
        .map((key) => key.split(' ')[0])
        .sort(),
    ).toEqual(['meshPorts', 'nodes']);
    expect(partsBetween(assigner.partsOf(nodes[2] ?? ''), assigner.partsOf(nodes[2] ?? ''))).toBeUndefined();
  });

  it('a draining task as one that runs, which others are led to no more', () => {
    const { cluster, id, of, nodes } = shop();
    cluster.update(id, { ...cluster.service(id).spec, ...replicas(1) });
    cluster.dead.add(nodes[2] ?? '');
    cluster.decide();
    const [kept, drained] = [of(0), of(1)];
    expect(drained.tasks.map(({ desiredState }) => desiredState)).toEqual(['running']);
    expect(kept.services[0]?.backends.map(({ open }) => open)).toEqual([true, false]);
    expect(kept.meshPorts[0]?.backends.map(({ open }) => open)).toEqual([true, false]);
    cluster.now += 2_000;
    cluster.decide();
    expect(of(1).tasks.map(({ desiredState }) => desiredState)).toEqual(['remove']);
  });

  it('nothing of tasks of a node that is down, whose tasks were moved', () => {
    const { cluster, nodes, of } = shop();
    cluster.setNode(nodes[1] ?? '', { state: 'down' });
    cluster.settle();
    const { peers, services } = of(0);
    expect([peers, services[0]?.backends.length]).toEqual([[], 2]);
  });

  it('standalone containers as peers, by their names', () => {
    const { cluster, nodes, of } = shop();
    const request = {
      network: 'back',
      containerId: 'c'.repeat(64),
      name: 'a1',
      ipv4: '',
      ipv6: '',
      aliases: ['alias'],
    };
    const place = { nodeId: nodes[2] ?? '', request };
    const { id: taskId } = cluster.commit(attachContainer(place, cluster.context()));
    cluster.settle();
    const peer = of(0).peers.find(({ nodeId }) => nodeId === nodes[2]);
    expect([peer?.name, peer?.dnsNames]).toEqual(['a1', ['a1', 'cccccccccccc', 'alias']]);
    const rename = (nodeId = '') =>
      cluster.commit(renameAttachment({ nodeId, taskId, name: 'b1' }, cluster.context()));
    rename(nodes[0]);
    expect(of(0).peers.find(({ nodeId }) => nodeId === nodes[2])?.name).toBe('a1');
    rename(nodes[2]);
    const renamed = of(0).peers.find(({ nodeId }) => nodeId === nodes[2]);
    expect([renamed?.name, renamed?.dnsNames]).toEqual(['b1', ['b1', 'cccccccccccc', 'alias']]);
    expect(of(2).services.map(({ name }) => name)).toEqual(['web']);
  });
});

describe('templates', () => {
  it('are filled in for the task and its node', () => {
    const task = {
      ...{
        id: 'tid',
        serviceId: 'sid',
        service: { Name: 'web', Labels: { tier: 'front' } },
        slot: 3,
        nodeId: 'nid',
      },
      spec: {
        ContainerSpec: {
          Hostname: '{{.Node.Hostname}}-{{ .Task.Slot }}',
          Env: [
            'A={{.Service.Name}}.{{index .Service.Labels "tier"}}',
            'B',
            'C={{.Task.Name}}={{.Node.Platform.OS}}',
          ],
          Mounts: [{ Type: 'volume' as const, Source: 'data-{{.Task.Slot}}', Target: '/d/{{.Node.ID}}' }],
        },
      },
    };
    const description = { hostname: 'h1', platform: { os: 'linux', architecture: 'x86_64' } };
    expect(expandTask(task, { id: 'nid', description })).toEqual({
      Hostname: 'h1-3',
      Env: ['A=web.front', 'B', 'C=web.3.tid=linux'],
      Mounts: [{ Type: 'volume', Source: 'data-3', Target: '/d/nid' }],
    });
  });
});
