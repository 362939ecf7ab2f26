/** The default bridge by every setting of it in daemon.json, in the kernel and by packets. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { uplink } from '../kernel/rig.ts';
import { openTestEngine } from './engine.ts';

const engine = openTestEngine({ idle: true });
const { rig } = engine;
const seaway = engine.seaway.bind(engine);
const serve = ['busybox', 'httpd', '-f', '-p', '80', '-h', '/etc'];

afterEach(async () => {
  await engine.removeContainers();
  if (engine.isRunning) await engine.stop();
});

function fileOf(settings: object): string {
  const folder = join(engine.folder, 'etc');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'daemon.json'), JSON.stringify(settings));
  return join(folder, 'daemon.json');
}

const inside = (name: string, command: string): Promise<string> => seaway('exec', name, 'sh', '-c', command);

test('addresses, ranges, gateways, MTU, neighbours, masquerading and where ports are published', async () => {
  const settings = {
    bip: '10.62.0.1/24',
    'fixed-cidr': '10.62.0.64/26',
    'default-gateway': '10.62.0.77',
    ipv6: true,
    bip6: 'fd61::5/64',
    'fixed-cidr-v6': 'fd61::100/120',
    'default-gateway-v6': 'fd61::77',
    icc: false,
    'ip-masq': false,
    mtu: 1400,
    ip: uplink.address,
  };
  await engine.start(['--config-file', fileOf(settings)]);
  await seaway('run', '-d', '--name', 'one', '-p', '8080:80', ...serve);
  await seaway('run', '-d', '--name', 'two', ...serve);
  const addresses = rig.run('host', 'ip', '-o', 'addr', 'show', 'docker0');
  expect(addresses).toContain('10.62.0.1/24');
  expect(addresses).toContain('fd61::5/64');
  const text = await inside('one', 'ip addr show eth0; ip route; ip -6 route; cat /sys/class/net/eth0/mtu');
  for (const part of ['10.62.0.64/24', 'fd61::100/64', 'default via 10.62.0.77', 'default via fd61::77'])
    expect(text).toContain(part);
  expect(text).toMatch(/1400$/);
  expect(await seaway('port', 'one')).toBe(`80/tcp -> ${uplink.address}:8080`);
  // the gateway that is named is not there: the host is answered on the link
  expect(await engine.page('host', 'http://10.62.0.64/passwd')).toContain('root:');
  const neighbour = 'timeout 2 wget -qO- http://10.62.0.64/passwd >/dev/null && echo open || echo closed';
  expect(await inside('two', neighbour)).toBe('closed');
  expect(rig.run('host', 'iptables', '-t', 'nat', '-S')).not.toContain('10.62.0.0/24');
});

test.each([
  ['icc', true, 'open'],
  ['icc', false, 'closed'],
])('%s=%s leaves neighbours %s', async (_name, icc, expected) => {
  await engine.start(['--config-file', fileOf({ icc })]);
  await seaway('run', '-d', '--name', 'one', ...serve);
  await seaway('run', '-d', '--name', 'two', ...serve);
  const address = await seaway('inspect', '--format', '{{.NetworkSettings.IPAddress}}', 'one');
  const ask = `timeout 2 wget -qO- http://${address}/passwd >/dev/null && echo open || echo closed`;
  expect(await inside('two', ask)).toBe(expected);
});

test.each([
  ['is that of the host', true, uplink.address],
  ['stays with --ip-masq=false', false, '10.62.0.2'],
])('the address of what leaves %s', async (_what, masquerade, expected) => {
  await engine.start(['--config-file', fileOf({ bip: '10.62.0.1/24', 'ip-masq': masquerade })]);
  rig.run('outside', 'ip', 'route', 'replace', '10.62.0.0/24', 'via', uplink.address);
  const script = `require('node:net').createServer((socket) => socket.end(socket.remoteAddress)).listen(7100, '0.0.0.0', () => console.log('up'))`;
  const server = rig.start('outside', process.execPath, '-e', script);
  await server.firstLine;
  await seaway('run', '-d', '--name', 'one', ...serve);
  expect(await inside('one', `timeout 3 nc ${uplink.outside} 7100 </dev/null`)).toBe(expected);
  server.stop();
});

test.each([
  [
    { bip: '10.62.0.1/24', 'default-gateway': '10.63.0.9' },
    'auxiliary address: (DefaultGatewayIPv4:10.63.0.9) must belong to the master pool: 10.62.0.0/24',
  ],
  [{ bip: '10.62.0.1/24', 'fixed-cidr': '10.63.0.0/24' }, 'invalid ip-range 10.63.0.0/24'],
  [{ bip: '10.62.0.1/24', bridge: 'mine0' }, 'You specified -b & --bip, mutually exclusive options'],
])('%j is refused', async (settings, why) => {
  await expect(engine.start(['--config-file', fileOf(settings)])).rejects.toThrow(why);
});
