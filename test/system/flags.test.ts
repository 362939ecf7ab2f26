/** What dockerd's flags and daemon.json do, seen in what the engine makes. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { openTestEngine } from './engine.ts';

const engine = openTestEngine({ idle: true });

afterEach(async () => {
  await engine.removeContainers();
  if (!engine.isRunning) return;
  await engine.seaway('network', 'prune', '-f');
  await engine.stop();
});

const inside = (...command: readonly string[]): Promise<string> =>
  engine.seaway('run', '--rm', 'busybox', ...command);

interface AddressInfo {
  readonly family: string;
  readonly local: string;
  readonly prefixlen: number;
}

/** The IPv4 addresses of a link of the host. */
const addressOf = (link: string): string =>
  engine.rig
    .ip('host', 'addr', 'show', 'dev', link)
    .flatMap(({ addr_info }) => addr_info as readonly AddressInfo[])
    .filter(({ family }) => family === 'inet')
    .map(({ local, prefixlen }) => `${local}/${prefixlen}`)
    .join(' ');

const subnetOf = (network: string): Promise<string> =>
  engine.seaway('network', 'inspect', '--format', '{{(index .IPAM.Config 0).Subnet}}', network);

test('--bip and --fixed-cidr give the default bridge its address, subnet and range', async () => {
  await engine.start(['--bip', '10.99.7.1/16', '--fixed-cidr', '10.99.8.0/24']);
  expect(addressOf('docker0')).toBe('10.99.7.1/16');
  expect(await inside('hostname', '-i')).toMatch(/^10\.99\.8\.\d+$/);
  expect(await inside('ip', 'route')).toContain('default via 10.99.7.1 dev eth0');
});

test('another --bip changes the default bridge; without one it keeps what it has', async () => {
  await engine.start(['--bip', '10.98.0.1/24']);
  expect(addressOf('docker0')).toBe('10.98.0.1/24');
  await engine.stop();
  await engine.start();
  expect(addressOf('docker0')).toBe('10.98.0.1/24');
  expect(await inside('hostname', '-i')).toBe('10.98.0.2');
});

test('--default-address-pool is where networks come from', async () => {
  await engine.start([
    ...['--default-address-pool', 'base=10.50.0.0/23,size=24'],
    ...['--default-address-pool', 'base=10.60.0.0/16,size=28'],
  ]);
  const names = ['one', 'two', 'three', 'four'];
  for (const name of names) await engine.seaway('network', 'create', name);
  const subnets = await Promise.all(names.map(subnetOf));
  expect(subnets).toEqual(['10.50.0.0/24', '10.50.1.0/24', '10.60.0.0/28', '10.60.0.16/28']);
});

test('--icc=false keeps containers of the default bridge apart, and those of other networks not', async () => {
  await engine.start(['--icc=false']);
  const ping = async (network: string): Promise<number> => {
    await engine.seaway(
      'run',
      '-d',
      '--name',
      `a-${network}`,
      '--network',
      network,
      'busybox',
      'sleep',
      '1000',
    );
    const template = `{{(index .NetworkSettings.Networks "${network}").IPAddress}}`;
    const address = await engine.seaway('inspect', '--format', template, `a-${network}`);
    const args = ['run', '--rm', '--network', network, 'busybox', 'ping', '-c1', '-W1', address];
    return (await engine.trySeaway(args)).status;
  };
  expect(await ping('bridge')).toBe(1);
  await engine.seaway('network', 'create', 'other');
  expect(await ping('other')).toBe(0);
});

test('--iptables=false leaves the firewall alone', async () => {
  // what an earlier engine left there is not looked at either
  const before = engine.rig.run('host', 'iptables-save', '-t', 'filter');
  await engine.start(['--iptables=false', '--ip6tables=false']);
  await engine.seaway('run', '-d', '-p', '8080:80', 'busybox', 'sleep', '1000');
  const after = engine.rig.run('host', 'iptables-save');
  expect(after).not.toContain('--dport 80');
  const rules = (text: string): string[] => text.split('\n').filter((line) => line.startsWith('-A'));
  expect(rules(engine.rig.run('host', 'iptables-save', '-t', 'filter'))).toEqual(rules(before));
});

test('--mtu is that of the default bridge and its containers', async () => {
  await engine.start(['--mtu', '1400']);
  expect(await inside('cat', '/sys/class/net/eth0/mtu')).toBe('1400');
});

test('--dns, --dns-search and --dns-opt are in the containers', async () => {
  await engine.start(['--dns', '192.0.2.53', '--dns-search', 'example.org', '--dns-opt', 'ndots:3']);
  const text = await inside('cat', '/etc/resolv.conf');
  expect(text).toMatch(/^nameserver 192\.0\.2\.53$/m);
  expect(text).toMatch(/^search example\.org$/m);
  expect(text).toMatch(/^options ndots:3$/m);
});

test('--bridge=none starts without a default bridge network', async () => {
  await engine.start(['--bridge', 'none']);
  const names = await engine.seaway('network', 'ls', '--format', '{{.Name}}');
  expect(names.split('\n')).toEqual(['host', 'none']);
  expect(engine.rig.ip('host', 'link').map(({ ifname }) => ifname)).not.toContain('docker0');
  const links = await engine.seaway('run', '--rm', 'busybox', 'ls', '/sys/class/net');
  expect(links.split(/\s+/)).toEqual(['lo']);
});

test('--ip is where ports are published that name no address', async () => {
  await engine.start(['--ip', '127.0.0.1']);
  await engine.seaway(
    'run',
    '-d',
    '--name',
    'web',
    '-p',
    '8080:80',
    'busybox',
    'httpd',
    '-f',
    '-p',
    '80',
    '-h',
    '/etc',
  );
  expect(await engine.seaway('port', 'web')).toBe('80/tcp -> 127.0.0.1:8080');
  expect(await engine.page('host', 'http://127.0.0.1:8080/passwd')).toContain('root:');
  expect(await engine.page('outside', 'http://198.51.100.2:8080/passwd')).toMatch(/ECONNREFUSED|no answer/);
});

test('daemon.json says the same as flags, and a setting in both is refused', async () => {
  const file = join(engine.folder, 'etc', 'daemon.json');
  mkdirSync(join(engine.folder, 'etc'));
  const settings = {
    bip: '10.97.0.1/24',
    mtu: 1300,
    labels: ['rack=7'],
    'default-address-pools': [{ base: '10.70.0.0/16', size: 24 }],
    'log-opts': { 'max-size': '10k' },
  };
  writeFileSync(file, JSON.stringify(settings));
  await engine.start(['--config-file', file]);
  expect(addressOf('docker0')).toBe('10.97.0.1/24');
  expect(await inside('cat', '/sys/class/net/eth0/mtu')).toBe('1300');
  await engine.seaway('network', 'create', 'pooled');
  expect(await subnetOf('pooled')).toBe('10.70.0.0/24');
  expect((await engine.api('GET', '/info')).json).toMatchObject({ Labels: ['rack=7'] });
  await engine.stop();
  await expect(engine.start(['--config-file', file, '--mtu', '1400'])).rejects.toThrow(
    'the following directives are specified both as a flag and in the configuration file: mtu: (from flag: 1400, from file: 1300)',
  );
});

test('a setting that daemon.json should not have is refused', async () => {
  const file = join(engine.folder, 'wrong.json');
  writeFileSync(file, '{"no-such-setting": true}');
  await expect(engine.start(['--config-file', file])).rejects.toThrow(/no-such-setting/);
});
