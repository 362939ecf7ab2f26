import { readdirSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { openRig, uplink, type Where } from './rig.ts';

const rig = openRig();
const kernel = rig.kernel();

/** A TCP server that answers with a word and closes first; resolves when it listens, or with its error. */
async function serve(where: Where, port: number, word: string): Promise<{ error: string; stop(): void }> {
  const program = `
    const server = require('net').createServer((socket) => socket.end('${word}'));
    server.on('error', (error) => console.log(error.code));
    server.listen(${port}, '0.0.0.0', () => console.log('listening'));`;
  const { stop, firstLine } = rig.start(where, process.execPath, '-e', program);
  const line = await firstLine;
  return { error: line === 'listening' ? '' : line, stop };
}

/** What a server says to a client outside. */
const ask = (port: number): string =>
  rig.run('outside', 'bash', '-c', `exec 3<>/dev/tcp/${uplink.address}/${port} && timeout 5 cat <&3`);

test('a held port is refused to others, in the engine and outside of it', async () => {
  const release = kernel.holdPort('tcp', '0.0.0.0', 8080);
  expect(() => kernel.holdPort('tcp', '0.0.0.0', 8080)).toThrow(
    'failed to bind host port for 0.0.0.0:8080: address already in use',
  );
  expect(() => kernel.holdPort('tcp', uplink.address, 8080)).toThrow(/address already in use/);
  expect((await serve('host', 8080, 'x')).error).toBe('EADDRINUSE');
  release();
  release();
  kernel.holdPort('tcp', '0.0.0.0', 8080)();
});

test('a range is held by two descriptors, and its ports are given up one by one', async () => {
  const count = (): number => readdirSync('/proc/self/fd').length;
  const before = count();
  const range = { protocol: 'udp', address: '::', first: 20_000, last: 20_999 } as const;
  const held = kernel.holdRange(range);
  expect(count() - before).toBe(2);
  const sockets = (): string => rig.run('host', 'ss', '-Hun', '-a', 'sport', '>=', ':20000').trim();
  const bound = (): number => sockets().split('\n').length;
  expect(bound()).toBe(1000);
  expect(() => kernel.holdPort('udp', '::', 20_999)).toThrow(/address already in use/);
  held.release([20_000, 20_500, 20_999]);
  expect(bound()).toBe(997);
  const release = kernel.holdPort('udp', '::', 20_500);
  expect(() => kernel.holdRange({ ...range, first: 20_400, last: 20_600 })).toThrow(
    expect.objectContaining({ port: 20_400 }),
  );
  held.release(Array.from({ length: 1000 }, (_, index) => 20_000 + index));
  expect(() => kernel.holdRange(range)).toThrow(expect.objectContaining({ port: 20_500 }));
  release();
  expect(sockets()).toBe('');
  expect(count()).toBe(before);
});

test('families, protocols and addresses are apart', () => {
  const releases = [
    kernel.holdPort('tcp', '0.0.0.0', 8081),
    kernel.holdPort('tcp', '::', 8081),
    kernel.holdPort('udp', '0.0.0.0', 8081),
    kernel.holdPort('udp', '::', 8081),
    kernel.holdPort('sctp', '0.0.0.0', 8081),
    kernel.holdPort('tcp', '127.0.0.1', 8082),
    kernel.holdPort('tcp', uplink.address, 8082),
    kernel.holdPort('tcp', uplink.address6, 8082),
  ];
  expect(() => kernel.holdPort('udp', '::', 8081)).toThrow(/address already in use/);
  for (const release of releases) release();
});

test('an address that is not the host own is told apart from a port in use', () => {
  expect(() => kernel.holdPort('tcp', '203.0.113.9', 80)).toThrow(
    'bind host port 203.0.113.9:80/tcp: cannot assign requested address (EADDRNOTAVAIL)',
  );
});

test('a port is free again though connections of its last server linger', async () => {
  const { stop } = await serve('host', 8083, 'hello');
  // the server closes first, so that its end is the one in TIME_WAIT
  expect(ask(8083)).toBe('hello');
  stop();
  await vi.waitFor(() => expect(rig.run('host', 'ss', '-Htln', 'sport', '=', ':8083')).toBe(''));
  expect(rig.run('host', 'ss', '-Htan', 'sport', '=', ':8083')).toContain('TIME-WAIT');
  const release = kernel.holdPort('tcp', '0.0.0.0', 8083);
  expect(() => kernel.holdPort('tcp', '0.0.0.0', 8083)).toThrow(/address already in use/);
  expect((await serve('host', 8083, 'x')).error).toBe('EADDRINUSE');
  release();
});

test('a held port that is translated leads through', async () => {
  const path = rig.path('box');
  kernel.createNamespace(path);
  const box = kernel.openNamespace(path);
  const { route } = kernel.host;
  route.createLink({
    type: 'veth',
    name: 'box0',
    up: true,
    peer: { name: 'eth0', up: true, namespace: box },
  });
  route.addAddress({ link: route.findLink('box0')?.index ?? 0, address: '10.8.0.1/24', scope: 'global' });
  const eth0 = box.route.findLink('eth0')?.index ?? 0;
  box.route.addAddress({ link: eth0, address: '10.8.0.2/24', scope: 'global' });
  box.route.replaceRoute({ destination: '0.0.0.0/0', gateway: '10.8.0.1', link: eth0 });
  kernel.host.writeSysctl('net.ipv4.ip_forward', '1');
  await serve(path, 80, 'from the box');
  kernel.host.nft(`add table ip t; add chain ip t pre { type nat hook prerouting priority -100; };
    add rule ip t pre tcp dport 8084 dnat to 10.8.0.2:80; add rule ip t pre udp dport 8084 dnat to 10.8.0.2:80`);
  const release = kernel.holdPort('tcp', '0.0.0.0', 8084);
  expect(ask(8084)).toBe('from the box');
  release();
  box.close();
});

test('flows to a port are forgotten, other flows are not', async () => {
  const say = (port: number): string =>
    rig.run('outside', 'bash', '-c', `echo x >/dev/udp/${uplink.address}/${port}`);
  // more than one message of the kernel, and than one request
  rig.run('outside', 'bash', '-c', `for i in {1..400}; do echo x >/dev/udp/${uplink.address}/8084; done`);
  say(8085);
  const tracked = (): string =>
    rig.run('host', 'cat', '/proc/net/nf_conntrack').replaceAll(/^(?!.*udp).*$/gm, '');
  expect(tracked()).toMatch(/dport=8084/);
  expect(tracked()).toMatch(/dport=8085/);
  // the rule of the test before leads there
  const answeredBy = '10.8.0.2';
  await kernel.forgetFlows([
    { protocol: 'tcp', port: 8084, address: '0.0.0.0', answeredBy },
    { protocol: 'udp', port: 8084, address: '203.0.113.7', answeredBy },
    { protocol: 'udp', port: 8084, address: '::', answeredBy: '::1' },
    { protocol: 'udp', port: 8084, address: '0.0.0.0', answeredBy: uplink.address },
  ]);
  expect(tracked()).toMatch(/dport=8084/);
  let turns = 0;
  let others = setImmediate(function turn() {
    turns++;
    others = setImmediate(turn);
  });
  await kernel.forgetFlows([{ protocol: 'udp', port: 8084, address: '0.0.0.0', answeredBy }]);
  clearImmediate(others);
  // others have their turn meanwhile, as there may be very many
  expect(turns).toBeGreaterThan(3);
  expect(tracked()).not.toMatch(/dport=8084/);
  say(8086);
  // so many that all flows are listed
  const range = Array.from({ length: 50 }, (_, index) => 8036 + index);
  await kernel.forgetFlows(
    range.map((port) => ({ protocol: 'udp', port, address: uplink.address, answeredBy: uplink.address })),
  );
  expect(tracked()).toMatch(/dport=8086/);
  expect(tracked()).not.toMatch(/dport=8085/);
});

test('flows that began before a port was published are forgotten, and those to other hosts are not', async () => {
  const from = (where: string, to: string, port: number): string =>
    rig.run(where, 'bash', '-c', `echo x >/dev/udp/${to}/${port} || true`);
  const tracked = (): string =>
    rig.run('host', 'cat', '/proc/net/nf_conntrack').replaceAll(/^(?!.*udp).*$/gm, '');
  from('outside', uplink.address, 8087);
  from('host', '127.0.0.1', 8087);
  from('host', uplink.outside, 8087);
  const missed = [{ protocol: 'udp', port: 8087, address: '0.0.0.0', answeredBy: '10.8.0.2' }] as const;
  await kernel.forgetStaleFlows({ missed: missed.map((one) => ({ ...one, port: 8088 })) });
  expect(tracked().match(/dport=8087/g)).toHaveLength(3);
  await kernel.forgetStaleFlows({ missed });
  expect(tracked().match(/dst=\S+ sport=\d+ dport=8087/g)).toEqual([
    expect.stringContaining(`dst=${uplink.outside} `),
  ]);
});

test('flows of an address that another may be given are forgotten, in both directions', async () => {
  const box = rig.path('box');
  const tracked = (): string => rig.run('host', 'cat', '/proc/net/nf_conntrack');
  rig.run(box, 'bash', '-c', `echo x >/dev/udp/${uplink.outside}/8091`);
  rig.run('outside', 'bash', '-c', `echo x >/dev/udp/${uplink.address}/8084`);
  rig.run('outside', 'bash', '-c', `echo x >/dev/udp/${uplink.address}/8092`);
  expect(tracked()).toMatch(
    /src=10\.8\.0\.2 .*dport=8091.*dport=8084|dport=8084.*src=10\.8\.0\.2 .*dport=8091/s,
  );
  await kernel.forgetStaleFlows({ of: ['10.8.0.3', 'fd00::1'] });
  expect(tracked()).toMatch(/dport=8091/);
  await kernel.forgetStaleFlows({ of: ['10.8.0.2'] });
  expect(tracked()).not.toMatch(/dport=8091|dport=8084/);
  expect(tracked()).toMatch(/dport=8092/);
});

test('flows that left a network without translation are forgotten, translated and near ones are not', async () => {
  const box = rig.path('box');
  const tracked = (): string => rig.run('host', 'cat', '/proc/net/nf_conntrack');
  const say = (port: number, to: string = uplink.outside): string =>
    rig.run(box, 'bash', '-c', `echo x >/dev/udp/${to}/${port}`);
  say(8093);
  say(8094, uplink.address);
  kernel.host.nft(`add chain ip t post { type nat hook postrouting priority 100; };
    add rule ip t post udp dport 8095 masquerade`);
  say(8095);
  await kernel.forgetStaleFlows({ untranslated: ['10.9.0.0/24'], near: [] });
  await kernel.forgetStaleFlows({ untranslated: ['10.8.0.0/24'], near: ['198.51.100.0/24'] });
  expect(tracked()).toMatch(/dport=8093/);
  await kernel.forgetStaleFlows({ untranslated: ['10.8.0.0/24'], near: ['10.8.0.0/24'] });
  expect(tracked()).not.toMatch(/dport=8093/);
  expect(tracked()).toMatch(/dport=8094/);
  expect(tracked()).toMatch(/dport=8095/);
});
