import { spawnSync } from 'node:child_process';
import { afterEach, expect, test, vi } from 'vitest';
import type { KernelEvent } from '../../src/kernel/events.ts';
import { openRig, uplink } from './rig.ts';

const rig = openRig();
const kernel = rig.kernel();
const events: KernelEvent[] = [];
let stop = kernel.watch((event) => events.push(event));

afterEach(() => events.splice(0));

const seen = (event: KernelEvent): Promise<void> =>
  vi.waitFor(() => expect(events).toContainEqual(expect.objectContaining(event)), { timeout: 5000 });

test('links, addresses and routes of the host are told with the name of their link', async () => {
  rig.run('host', 'ip', 'link', 'add', 'br-a', 'type', 'bridge');
  rig.run('host', 'ip', 'addr', 'add', '10.7.0.1/24', 'dev', 'br-a');
  rig.run('host', 'ip', 'route', 'add', '203.0.113.0/24', 'via', uplink.outside);
  rig.run('host', 'ip', 'link', 'del', 'br-a');
  await seen({ subject: 'link', action: 'new', name: 'br-a' });
  await seen({ subject: 'address', action: 'new', name: 'br-a' });
  await seen({ subject: 'route', action: 'new', name: uplink.name });
  await seen({ subject: 'link', action: 'del', name: 'br-a' });
});

test('a flushed firewall is told with family and table', async () => {
  rig.run('host', 'nft', 'add table ip nat; add chain ip nat x');
  await seen({ subject: 'firewall', action: 'new', name: 'ip nat' });
  rig.run('host', 'nft', 'flush', 'ruleset');
  await seen({ subject: 'firewall', action: 'del', name: 'ip nat' });
});

test('what the kernel did before is told at once to who wants to hear it', () => {
  rig.run('host', 'ip', 'link', 'add', 'br-now', 'type', 'bridge');
  kernel.drain();
  expect(events.map(({ action, name }) => [action, name])).toContainEqual(['new', 'br-now']);
});

test('other namespaces are not heard, nor a port that leaves its bridge taken for a link that ends', async () => {
  rig.run('outside', 'ip', 'link', 'add', 'br-out', 'type', 'bridge');
  rig.run('host', 'ip', 'link', 'add', 'br-b', 'type', 'bridge');
  rig.run('host', 'ip', 'link', 'add', 'p0', 'type', 'veth', 'peer', 'name', 'p1');
  rig.run('host', 'ip', 'link', 'set', 'p0', 'master', 'br-b');
  rig.run('host', 'ip', 'link', 'set', 'p0', 'nomaster');
  rig.run('host', 'ip', 'link', 'add', 'br-last', 'type', 'bridge');
  await seen({ subject: 'link', action: 'new', name: 'br-last' });
  expect(events.map(({ name }) => name)).not.toContain('br-out');
  expect(events).not.toContainEqual(expect.objectContaining({ subject: 'link', action: 'del', name: 'p0' }));
});

test('a link that is renamed is told with its old name, one that stays as it is is not told again', async () => {
  rig.run('host', 'ip', 'link', 'add', 'br-c', 'type', 'bridge');
  rig.run('host', 'ip', 'link', 'set', 'br-c', 'alias', 'seaway:network:12');
  rig.run('host', 'ip', 'link', 'set', 'br-c', 'name', 'br-d');
  await seen({ subject: 'link', action: 'new', name: 'br-d', was: 'br-c', alias: 'seaway:network:12' });
  kernel.drain();
  events.splice(0);
  rig.run('host', 'ip', 'link', 'set', 'br-d', 'name', 'br-d', 'alias', 'seaway:network:12');
  rig.run('host', 'ip', 'link', 'set', 'br-d', 'up');
  await seen({ subject: 'link', action: 'new', name: 'br-d' });
  expect(events.filter(({ subject }) => subject === 'link')).toHaveLength(1);
});

test('who switches forwarding off is told, and who writes another setting that is watched', async () => {
  let writes = 0;
  const key = 'net/ipv4/conf/lo/route_localnet';
  const unwatch = kernel.watchSysctl(key, { namespace: kernel.host, changed: () => writes++ });
  const none = kernel.watchSysctl('net/ipv4/conf/nobody/route_localnet', {
    namespace: kernel.host,
    changed: () => writes++,
  });
  rig.run('host', 'sysctl', '-qw', 'net.ipv4.ip_forward=1');
  rig.run('host', 'sysctl', '-qw', 'net.ipv4.ip_forward=0');
  await seen({ subject: 'forwarding', action: 'new', name: '' });
  rig.run('host', 'sysctl', '-qw', 'net.ipv4.conf.lo.route_localnet=1');
  await vi.waitFor(() => expect(writes).toBeGreaterThan(0));
  unwatch();
  none();
});

test('a listener that throws does not end the watch', async () => {
  const handlers = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  const errors: unknown[] = [];
  process.on('uncaughtException', (error) => errors.push(error));
  const leave = kernel.watch(({ name }) => {
    if (name === 'br-bad') throw new Error('not read');
  });
  try {
    rig.run('host', 'ip', 'link', 'add', 'br-bad', 'type', 'bridge');
    await vi.waitFor(() => expect(errors).not.toHaveLength(0), { timeout: 5000 });
    rig.run('host', 'ip', 'link', 'add', 'br-good', 'type', 'bridge');
    await seen({ subject: 'link', action: 'new', name: 'br-good' });
  } finally {
    leave();
    process.removeAllListeners('uncaughtException');
    for (const handler of handlers) process.on('uncaughtException', handler);
  }
});

test('a listener that left hears nothing, and one may come again', async () => {
  stop();
  rig.run('host', 'ip', 'link', 'set', 'br-b', 'up');
  const again: KernelEvent[] = [];
  stop = kernel.watch((event) => again.push(event));
  rig.run('host', 'ip', 'link', 'set', 'br-b', 'down');
  await vi.waitFor(() => expect(again.length).toBeGreaterThan(0));
  expect(events).toEqual([]);
  stop();
});

test.for([
  ['after it was closed', 'stop(); kernel.close();'],
  ['though nothing was closed', ''],
  ['by process.exit', 'setTimeout(() => process.exit(0), 200); setTimeout(() => {}, 60_000);'],
])('a watching process ends %s', { timeout: 150_000 }, ([, ending]) => {
  const program = `
    import { openKernel } from '${new URL('../../src/kernel/open.ts', import.meta.url).href}';
    const kernel = openKernel({ namespace: '${rig.host}' });
    const stop = kernel.watch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 300));
    console.log(Date.now());
    ${ending}`;
  const done = spawnSync(process.execPath, ['--input-type=module', '-e', program], { timeout: 120_000 });
  expect(done.stderr.toString()).toBe('');
  expect(done.status).toBe(0);
  // from its last line on: how long a process takes to start is the machine's
  expect(Date.now() - Number(done.stdout.toString())).toBeLessThan(5000);
});

test('a watch of a namespace hears of its tunnel, and not of what containers make up', () => {
  const path = rig.path('over');
  kernel.createNamespace(path);
  const namespace = kernel.openNamespace(path);
  for (const link of [
    'vxlan0 type vxlan id 7 dstport 4789 nolearning',
    'br0 type bridge',
    'port0 type veth peer name inner0',
  ])
    rig.run(path, 'ip', 'link', 'add', ...link.split(' '));
  for (const link of ['vxlan0', 'port0']) rig.run(path, 'ip', 'link', 'set', link, 'master', 'br0', 'up');
  const heard: KernelEvent[] = [];
  const tunnel = namespace.route.findLink('vxlan0')?.index ?? 0;
  const watch = kernel.watchInside({ namespace, tunnel }, (event) => void heard.push(event));
  const told = (program: string, ...rest: readonly string[]): readonly string[] => {
    heard.length = 0;
    rig.run(path, program, ...rest);
    watch.drain();
    return heard.map(({ subject, action, name }) => `${subject} ${action} ${name}`);
  };
  try {
    const entry = ['02:00:00:00:00:01', 'dev', 'vxlan0', 'dst', '192.0.2.9'];
    expect(told('bridge', 'fdb', 'add', ...entry)).toEqual(['neighbour new vxlan0']);
    expect(told('bridge', 'fdb', 'del', ...entry)).toEqual(['neighbour del vxlan0']);
    const at = ['02:00:00:00:00:02', 'dev'];
    expect(told('bridge', 'fdb', 'add', ...at, 'port0', 'master', 'static')).toEqual([]);
    expect(told('bridge', 'fdb', 'replace', ...at, 'vxlan0', 'master', 'static')).toEqual([]);
    expect(told('ip', 'neigh', 'add', '10.9.9.9', 'lladdr', ...at, 'br0')).toEqual([]);
    expect(told('ip', 'neigh', 'add', '10.9.9.9', 'lladdr', ...at, 'vxlan0')).toContain(
      'neighbour new vxlan0',
    );
    expect(told('ip', 'link', 'del', 'port0')).toContain('link del port0');
  } finally {
    watch.close();
    namespace.close();
  }
});
