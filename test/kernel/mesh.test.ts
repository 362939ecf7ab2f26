/** The routing mesh of a swarm, with packets: a client, two nodes, and a task on each. */
import { describe, expect, test, vi } from 'vitest';
import { meshLink } from '../../src/model/mesh.ts';
import type { Protocol } from '../../src/model/sandbox.ts';
import type { Change } from '../../src/model/tables.ts';
import type { MeshPort } from '../../src/model/virtual-service.ts';
import { network, pool } from '../golden/plans/world.ts';
import { answering, asking } from './answering.ts';
import { type Host, openHosts, type Running } from './overlay-rig.ts';
import { uplink } from './rig.ts';

const { rig, a, b } = openHosts();
const hosts = [a, b];

/** A client on a network that only the first node is on: the other one has no route back to it. */
const client = rig.path('client');
const near = { v4: '203.0.113.1', v6: '2001:db8:113::1' };
const far = { v4: '203.0.113.100', v6: '2001:db8:113::100' };

const ingress = network('ingress', {
  ...{ driver: 'overlay', scope: 'swarm', ingress: true, pools: [pool('10.0.0.0/24', '10.0.0.1')] },
  overlay: { vnis: [4096], mtu: 1450, encrypted: false },
});

const gateway = {
  ...{ driver: 'bridge', options: { 'com.docker.network.bridge.enable_icc': 'false' }, enableIPv6: true },
  ipam: {
    ...{ driver: 'default', options: null },
    pools: [
      { subnet: '172.31.0.0/24', gateway: '172.31.0.1', auxAddresses: {} },
      { subnet: 'fd31::/64', gateway: 'fd31::1', auxAddresses: {} },
    ],
  },
};

const port = (protocol: Protocol, open: readonly string[], draining: readonly string[] = []): MeshPort => ({
  ...{ id: `${protocol} 8080`, protocol, port: 8080, targetPort: 80, serviceId: 's', serviceName: 'web' },
  backends: [...open, ...draining].map((name) => ({
    ...{ id: name, open: open.includes(name) },
    ...{ nodeId: name.slice(-1), container: `web.1.${name}` },
  })),
});

async function learn(...changes: readonly Change[]): Promise<void> {
  for (const host of hosts) {
    host.model.apply(changes);
    await converge(host);
  }
}

async function converge({ reconciler }: Host): Promise<void> {
  await reconciler.convergeNetwork(ingress.id, { sandboxes: false });
  await reconciler.convergeFirewall();
}

const serve = (open: readonly string[], draining: readonly string[] = []): Promise<void> =>
  learn(
    { table: 'meshPorts', put: port('tcp', open, draining) },
    { table: 'meshPorts', put: port('udp', open, draining) },
  );

/** The different answers, sorted. */
function answers(where: string, protocol: string, host: string, times = 24): readonly string[] {
  const said = rig.run(where, process.execPath, '-e', asking, protocol, host, '8080', String(times)).trim();
  return [...new Set(said.split('\n'))].sort();
}

const tasks: Running[] = [];

describe('the routing mesh', async () => {
  rig.run('host', 'ip', 'netns', 'add', client.split('/').at(-1) ?? '');
  for (const line of [
    `link add near type veth peer name far netns ${client.split('/').at(-1)}`,
    `addr add ${near.v4}/24 dev near`,
    `addr add ${near.v6}/64 dev near nodad`,
    'link set near up',
  ])
    rig.run('host', 'ip', ...line.split(' '));
  for (const line of [
    `addr add ${far.v4}/24 dev far`,
    `addr add ${far.v6}/64 dev far nodad`,
    'link set far up',
    'link set lo up',
  ])
    rig.run(client, 'ip', ...line.split(' '));
  for (const [i, host] of hosts.entries()) {
    for (const node of host.model.all('nodes'))
      host.model.apply([{ table: 'nodes', put: { ...node, number: node.id === 'a' ? 1 : 2 } }]);
    host.model.apply([{ table: 'networks', put: ingress }]);
    const gwbridge = host.network('docker_gwbridge', gateway);
    await host.reconciler.convergeNetwork(gwbridge.id);
    const task = await host.run(`web.1.t${host.id}`, gwbridge);
    tasks[i] = task;
    const started = rig.start(task.path, process.execPath, '-e', answering(`t${host.id}`));
    expect(await started.firstLine).toBe('ready');
  }
  await serve(['ta', 'tb']);
  // addresses of IPv6 are taken for duplicates at first (RFC 4862)
  for (const protocol of ['udp', 'tcp'])
    await vi.waitFor(() => expect(answers(client, protocol, near.v6)).toHaveLength(2), { timeout: 20_000 });

  test.each([
    ['tcp', near.v4, far.v4],
    ['udp', near.v4, far.v4],
    ['tcp', near.v6, far.v6],
    ['udp', near.v6, far.v6],
  ])('leads a client to all tasks by %s and %s, which see %s', (protocol, to, from) => {
    expect(answers(client, protocol, to)).toEqual([`ta ${from}`, `tb ${from}`]);
  });

  test('serves each node itself, by its addresses and by loopback', () => {
    expect(answers('host', 'tcp', uplink.address)).toEqual([`ta ${uplink.address}`, `tb ${uplink.address}`]);
    expect(answers('host', 'udp', near.v4)).toEqual([`ta ${near.v4}`, `tb ${near.v4}`]);
    expect(answers('host', 'tcp', uplink.address6)).toEqual([
      `ta ${uplink.address6}`,
      `tb ${uplink.address6}`,
    ]);
    const byLoopback = answers('host', 'tcp', '127.0.0.1');
    expect(byLoopback.map((one) => one.split(' ')[0])).toEqual(['ta', 'tb']);
  });

  test('leads a node that asks another one to its own task, too', () => {
    expect(answers('host', 'tcp', uplink.outside)).toEqual(['ta 169.254.16.2', `tb ${uplink.address}`]);
    expect(answers('host', 'udp', uplink.outside6)).toEqual([
      'ta fd5e:6177:6d65::2',
      `tb ${uplink.address6}`,
    ]);
  });

  test('serves tasks, themselves among those who answer', () => {
    const path = tasks[0]?.path ?? '';
    expect(answers(path, 'tcp', uplink.address).map((one) => one.split(' ')[0])).toEqual(['ta', 'tb']);
  });

  test('sends nothing new to a task that drains, nor to a node without one', async () => {
    await serve(['tb'], ['ta']);
    expect(answers(client, 'tcp', near.v4)).toEqual([`tb ${far.v4}`]);
    expect(answers(client, 'udp', near.v6)).toEqual([`tb ${far.v6}`]);
    await serve(['ta'], ['tb']);
    expect(answers(client, 'tcp', near.v4)).toEqual([`ta ${far.v4}`]);
    await serve(['ta', 'tb']);
  });

  test('moves flows of a task that is gone', async () => {
    await serve(['ta']);
    const long = rig.start(
      client,
      process.execPath,
      '-e',
      `const s = require('node:net').connect({ host: '${near.v4}', port: 8080 }, () => s.write('?'));
       s.on('data', (t) => { console.log(t.toString().trim()); setTimeout(() => s.write('?'), 50); })
        .on('error', (e) => { console.log(e.code); process.exit(); });`,
    );
    let last = '';
    long.onLine((line) => {
      last = line;
    });
    expect(await long.firstLine).toMatch(/^ta /);
    await serve(['tb']);
    await long.ended;
    expect(last).toBe('ECONNRESET');
    await serve(['ta', 'tb']);
  });

  test('tells connections apart that one port of a client has by two nodes', async () => {
    await serve(['tb']);
    rig.run(client, 'ip', 'route', 'add', `${uplink.address}/32`, 'via', near.v4);
    const asked = (host: string): Promise<string> => {
      const asking = `const s = require('node:net').connect({ host: '${host}', port: 8080, localPort: 5555 }, () => s.write('?'));
        s.on('data', (t) => console.log(t.toString().trim().replace('::ffff:', ''))).on('error', (e) => console.log(e.code));
        setTimeout(() => console.log('no answer'), 4000);`;
      return rig.start(client, process.execPath, '-e', asking).firstLine;
    };
    expect(await asked(near.v4)).toBe(`tb ${far.v4}`);
    // the first node is another one from here on, which has no part in the first connection
    const renumber = async (number: number): Promise<void> => {
      for (const host of hosts) {
        const node = host.model.get('nodes', 'a');
        if (node) host.model.apply([{ table: 'nodes', put: { ...node, number } }]);
        await converge(host);
      }
    };
    await renumber(3);
    await a.kernel.host.forgetFlowsTo(near.v4, []);
    expect(await asked(uplink.address)).toBe(`tb ${far.v4}`);
    await renumber(1);
    await serve(['ta', 'tb']);
  }, 120_000);

  test('lets nothing through that it has not handed over', async () => {
    // as a node that was taken over would: to a service of the other node that is not published
    rig.run('outside', 'ip', 'addr', 'add', '192.0.2.77/32', 'dev', 'lo');
    rig.run('host', 'ip', 'route', 'add', '192.0.2.77/32', 'via', '169.254.16.2', 'dev', meshLink);
    const serving = `require('node:net').createServer((s) => s.end('in')).listen(9999, () => console.log('ready'))`;
    expect(await rig.start('outside', process.execPath, '-e', serving).firstLine).toBe('ready');
    const connect = `
      const s = require('node:net').connect({ host: process.argv[1], port: 9999 });
      s.on('data', (t) => { console.log(String(t)); process.exit(); });
      s.on('error', (e) => { console.log(e.code); process.exit(); });
      setTimeout(() => { console.log('no answer'); process.exit(); }, 1000);`;
    const said = (host: string): string => rig.run('host', process.execPath, '-e', connect, host).trim();
    expect(said(uplink.outside)).toBe('in');
    expect(said('192.0.2.77')).not.toBe('in');
    expect(said('169.254.16.2')).not.toBe('in');
  });

  test('holds with strict reverse path filtering, and with a LAN that is the ingress network', async () => {
    rig.run('host', 'sysctl', '-qw', 'net.ipv4.conf.all.rp_filter=1');
    rig.run('outside', 'sysctl', '-qw', 'net.ipv4.conf.all.rp_filter=1');
    rig.run('outside', 'ip', 'route', 'add', 'default', 'via', uplink.address);
    for (const host of hosts) await converge(host);
    rig.run('host', 'ip', 'addr', 'add', '10.0.0.2/24', 'dev', 'near');
    rig.run(client, 'ip', 'addr', 'add', '10.0.0.100/24', 'dev', 'far');
    expect(answers(client, 'tcp', near.v4)).toEqual([`ta ${far.v4}`, `tb ${far.v4}`]);
    expect(answers(client, 'tcp', '10.0.0.2')).toEqual(['ta 10.0.0.100', 'tb 10.0.0.100']);
    for (const where of ['host', 'outside']) rig.run(where, 'sysctl', '-qw', 'net.ipv4.conf.all.rp_filter=0');
    rig.run('outside', 'ip', 'route', 'del', 'default');
    for (const host of hosts) await converge(host);
  });

  test('is put back where it was taken away', async () => {
    rig.run('host', 'nft', 'delete', 'table', 'ip', 'seaway-mesh');
    rig.run('host', 'ip', 'rule', 'del', 'pref', '90');
    expect(await a.reconciler.convergeNetwork(ingress.id, { sandboxes: false })).toBe(2);
    expect(await a.reconciler.convergeNetwork(ingress.id, { sandboxes: false })).toBe(0);
    expect(answers(client, 'tcp', near.v4)).toHaveLength(2);
  });

  test('leaves nothing when the swarm is left', async () => {
    for (const host of hosts) host.model.apply([{ table: 'networks', remove: ingress.id }]);
    for (const host of hosts) await host.reconciler.convergeNetwork(ingress.id);
    for (const where of ['host', 'outside']) {
      expect(rig.run(where, 'nft', 'list', 'tables')).not.toContain('seaway-mesh');
      expect(rig.run(where, 'ip', 'rule')).not.toContain('7700');
      expect(rig.run(where, 'ip', '-6', 'rule')).not.toContain('7700');
      expect(rig.run(where, 'ip', 'link')).not.toContain(meshLink);
    }
  });
});
