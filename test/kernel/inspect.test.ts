/** Looking into namespaces: routes, sockets, probes, and the rules that a packet meets (`src/kernel/inspect/`). */
import { beforeAll, expect, test } from 'vitest';
import type { ProbeOutcome, TraceStep } from '../../src/kernel/inspect/contract.ts';
import type { Kernel, Namespace } from '../../src/kernel/kernel.ts';
import { openRig, uplink } from './rig.ts';

const rig = openRig();
let kernel: Kernel;
let outside: Namespace;

beforeAll(() => {
  kernel = rig.kernel();
  outside = kernel.openNamespace(rig.outside);
  const serve = "require('net').createServer().listen(8080, '198.51.100.2', 1, () => console.log('up'))";
  return rig.start('host', process.execPath, '-e', serve).firstLine;
});

interface Asked {
  readonly port: number;
  readonly protocol?: 'tcp' | 'udp' | 'icmp';
  readonly to?: string;
}

/** Sends a probe from outside, traced on the host. */
async function probe({ port, protocol = 'tcp', to = uplink.address }: Asked): Promise<{
  readonly outcome: ProbeOutcome;
  readonly steps: readonly TraceStep[];
}> {
  const sender = kernel.inspect(outside).openProbe({ to, port, protocol, limit: 300 });
  const trace = kernel.inspect(kernel.host).trace({ flow: sender.flow });
  try {
    const outcome = await sender.send();
    return { outcome, steps: [...trace.read()] };
  } finally {
    trace.close();
    sender.close();
  }
}

test('a probe tells a server, a closed port, an echo and silence apart', async () => {
  expect((await probe({ port: 8080 })).outcome).toEqual({
    result: 'connected',
    reason: '',
    source: uplink.outside,
  });
  expect((await probe({ port: 8081 })).outcome.result).toBe('refused');
  expect((await probe({ port: 8081, protocol: 'udp' })).outcome.result).toBe('refused');
  expect((await probe({ port: 0, protocol: 'icmp' })).outcome.result).toBe('answered');
  expect((await probe({ port: 0, protocol: 'icmp', to: uplink.address6 })).outcome.result).toBe('answered');
  expect((await probe({ port: 80, to: '198.51.100.9' })).outcome.result).toBe('silent');
});

test('a trace names the rule that drops, also one of iptables', async () => {
  rig.run('host', 'iptables', '-A', 'INPUT', '-p', 'tcp', '--dport', '8082', '-j', 'DROP');
  const { outcome, steps } = await probe({ port: 8082 });
  expect(outcome.result).toBe('silent');
  const drop = steps.find(({ verdict }) => verdict === 'drop');
  expect(drop).toMatchObject({ family: 'ip', table: 'filter', chain: 'INPUT', from: uplink.name });
  expect(drop?.header).toMatchObject({ source: uplink.outside, destinationPort: 8082 });
  const { rulesOf } = kernel.inspect(kernel.host);
  const rules = await rulesOf({ family: 'ip', table: 'filter', chain: 'INPUT' });
  expect(rules).toMatch(new RegExp(`dport 8082 .*drop # handle ${drop?.handle}`));
  rig.run('host', 'iptables', '-F', 'INPUT');
  expect(await rulesOf({ family: 'ip', table: 'filter', chain: 'none' })).toBe('');
});

test('links, bridge ports and queues are told by their state', async () => {
  const commands = [
    'link add br9 type bridge',
    'link set br9 up',
    'link add p9 type veth peer name q9',
    'link set p9 master br9 up',
    'link set q9 up arp off',
  ];
  for (const command of commands) rig.run('host', 'ip', ...command.split(' '));
  rig.run('host', ...'bridge fdb add 02:00:00:00:00:77 dev p9 master static'.split(' '));
  rig.run('host', ...'bridge link set dev p9 state 0'.split(' '));
  rig.run('host', ...'tc qdisc add dev q9 root tbf rate 8bit burst 10b limit 10b'.split(' '));
  const { linkState, portTowards, queues } = kernel.inspect(kernel.host);
  expect(linkState('p9')).toMatchObject({ up: true, carrier: true, noarp: false, port: 'disabled' });
  expect(linkState('q9')).toMatchObject({ noarp: true, port: '', master: 0 });
  expect(linkState('none')).toBeUndefined();
  const bridge = linkState('p9')?.master ?? 0;
  expect(portTowards(bridge, '02:00:00:00:00:77')).toBe('p9');
  expect(portTowards(bridge, '02:00:00:00:00:78')).toBeUndefined();
  expect(await queues()).toContainEqual({ link: 'q9', kind: 'tbf', dropped: expect.any(Number) });
  for (const link of ['p9', 'br9']) rig.run('host', 'ip', 'link', 'delete', link);
});

test('nothing is left of a trace, nor of one whose engine was killed', async () => {
  rig.run('host', 'nft', 'add', 'table', 'inet', 'seaway-trace-999999-1');
  kernel = rig.kernel();
  await probe({ port: 8081 });
  expect(rig.run('host', 'nft', 'list', 'tables')).not.toContain('seaway-trace');
});

test('a packet seems to arrive by the uplink, and its answer does not leave', async () => {
  const port = 54_321;
  const trace = kernel.inspect(kernel.host).trace({ flow: { protocol: 'tcp', port }, keepFrom: uplink.name });
  await kernel.inspect(kernel.host).arrive({
    ...{ link: uplink.name, source: '203.0.113.9', destination: uplink.address },
    ...{ protocol: 'tcp', sourcePort: port, port: 8080 },
  });
  const steps = trace.read();
  trace.close();
  expect(steps.find(({ passed }) => passed === 'input')).toMatchObject({ from: uplink.name });
  // SYN and ACK
  expect(steps.find(({ passed }) => passed === 'output')?.header?.flags).toBe(0x12);
  expect(steps.find(({ passed, verdict }) => passed === 'postrouting' && verdict === 'drop')).toBeDefined();
  expect(rig.ip('host', 'link').map(({ ifname }) => ifname)).toEqual(['lo', uplink.name]);
});

test('listening sockets are told by protocol, address and port', async () => {
  expect(await kernel.inspect(kernel.host).listening()).toEqual([
    expect.objectContaining({ protocol: 'tcp', address: uplink.address, port: 8080, waiting: 0 }),
  ]);
});

test('the kernel tells where a packet would go, or why not', () => {
  const { routeTo } = kernel.inspect(kernel.host);
  expect(routeTo({ to: '192.0.2.1' })).toMatchObject({ link: uplink.name, gateway: uplink.outside });
  expect(routeTo({ to: uplink.address })).toMatchObject({ isLocal: true });
  rig.run('host', 'ip', 'route', 'add', 'unreachable', '192.0.2.0/24');
  expect(routeTo({ to: '192.0.2.1' }).refused).toBe('EHOSTUNREACH');
  rig.run('host', 'ip', 'route', 'add', '192.0.3.0/24', 'dev', 'lo');
  const arriving = { to: uplink.address, from: '192.0.3.7', arrivingBy: uplink.name };
  expect(routeTo(arriving).refused).toBe('');
  rig.run('host', 'sysctl', '-qw', `net.ipv4.conf.${uplink.name}.rp_filter=1`);
  expect(routeTo(arriving).refused).toMatch(/EXDEV|EINVAL/);
});

test('everybody who answers for an address is heard', async () => {
  const found = kernel.host.route.findLink(uplink.name);
  const question = { link: 'up1', address: uplink.address, limit: 100 };
  expect(await kernel.inspect(outside).answering(question)).toEqual([found?.mac]);
  expect(await kernel.inspect(outside).answering({ ...question, address: '198.51.100.77' })).toEqual([]);
});
