/** Published ports as networks come and go, where ports are taken, and on routed networks. */
import { expect, test, vi } from 'vitest';
import { uplink } from '../kernel/rig.ts';
import { openTestEngine } from './engine.ts';

// ports by IPv6 alone that the kernel translates; `port-matrix` tries those that are passed on
const engine = openTestEngine({ flags: ['--userland-proxy=false'] });
const { rig } = engine;
const seaway = engine.seaway.bind(engine);
const idle = ['busybox', 'sleep', '1000'];

const bridge = (name: string, value: string): readonly string[] => [
  '-o',
  `com.docker.network.bridge.${name}=${value}`,
];

test('published ports follow the way out of each family, at each connect and disconnect', async () => {
  await seaway('network', 'create', '--subnet', '10.60.0.0/24', 'way4');
  await seaway('network', 'create', '--ipv4=false', '--ipv6', '--subnet', 'fd60::/64', 'way6');
  const serve = ['busybox', 'httpd', '-f', '-h', '/etc'];
  await seaway('run', '-d', '--name', 'way', '--network', 'way6', '-p', '8203:80', '-p', '81', ...serve);
  const answers = async (): Promise<readonly boolean[]> => {
    const hosts = [uplink.address, `[${uplink.address6}]`];
    const pages = hosts.map((host) => engine.page('outside', `http://${host}:8203/hostname`));
    const id = (await seaway('ps', '-q', '--filter', 'name=way')).slice(0, 12);
    return (await Promise.all(pages)).map((page) => page.trim() === id);
  };
  const listen = async (port: number): Promise<string> => {
    const program = `require('node:net').createServer().on('error', (e) => console.log(e.code)).listen(${port}, '0.0.0.0', () => process.exit())`;
    return (await engine.on('host', process.execPath, '-e', program)).stdout.trim();
  };
  const places = async (port: string): Promise<string> =>
    (await seaway('port', 'way', port)).replace('\n', ' ');
  const dynamic = (await places('81')).replace('[::]:', '');
  expect([await places('80'), await answers()]).toEqual(['[::]:8203', [false, true]]);

  await seaway('network', 'connect', 'way4', 'way');
  expect([await places('80'), await places('81')]).toEqual([
    '0.0.0.0:8203 [::]:8203',
    `0.0.0.0:${dynamic} [::]:${dynamic}`,
  ]);
  expect(await answers()).toEqual([true, true]);
  expect([await listen(8203), await listen(Number(dynamic))]).toEqual(['EADDRINUSE', 'EADDRINUSE']);

  await seaway('network', 'disconnect', 'way6', 'way');
  expect([await places('80'), await places('81')]).toEqual(['0.0.0.0:8203', `0.0.0.0:${dynamic}`]);
  expect(await answers()).toEqual([true, false]);

  await seaway('run', '-d', '--name', 'other', '--network', 'way6', '-p', '[::]:8203:80', ...serve);
  const again = await engine.trySeaway(['network', 'connect', 'way6', 'way']);
  expect(again.stderr).toMatch(
    /endpoint way \([0-9a-f]{64}\): Bind for :::8203 failed: port is already allocated/,
  );
  expect([await places('80'), await answers()]).toEqual(['0.0.0.0:8203', [true, false]]);
  await seaway('rm', '-f', 'way', 'other');
});

test('of a range of ports the first one that no program of the host has is published', async () => {
  const server = rig.start(
    'host',
    process.execPath,
    '-e',
    `require('node:net').createServer().listen(8300, '0.0.0.0', () => console.log('ready'))`,
  );
  expect(await server.firstLine).toBe('ready');
  await seaway('run', '-d', '--name', 'range', '-p', '8300-8302:80', ...idle);
  expect(await seaway('port', 'range')).toBe('80/tcp -> 0.0.0.0:8301');
  const exact = await engine.trySeaway(['run', '--rm', '--name', 'exact', '-p', '8300:80', ...idle]);
  expect(exact.stderr).toMatch(
    /failed to set up container networking: driver failed programming external connectivity on endpoint exact \([0-9a-f]{64}\): failed to bind host port for 0\.0\.0\.0:8300:172\.17\.0\.\d+:80\/tcp: address already in use/,
  );
  server.stop();
  await seaway('rm', '-f', 'range');
});

test('a range is one rule, and each of its ports leads to its own', async () => {
  const serve = ['busybox', 'httpd', '-f', '-p', '179', '-h', '/etc'];
  await seaway('run', '-d', '--name', 'many', '-p', '22000-22099:80-179', ...serve);
  const id = (await seaway('ps', '-q', '--filter', 'name=many')).slice(0, 12);
  // the server may not listen yet
  await vi.waitFor(
    async () =>
      expect((await engine.page('outside', `http://${uplink.address}:22099/hostname`)).trim()).toBe(id),
    { timeout: 15_000 },
  );
  const rules = rig.run('host', 'iptables-save').split('\n');
  expect(rules.filter((rule) => /22\d\d\d:|80:179|80-179/.test(rule))).toEqual([
    expect.stringMatching(/^-A DOCKER .*--dport 80:179 -j ACCEPT$/),
    expect.stringMatching(/--dport 80:179 -j MASQUERADE$/),
    expect.stringMatching(/^-A DOCKER .*--dport 22000:22099 -j DNAT --to-destination .*:80-179\/22000$/),
  ]);
  const { json } = await engine.api('GET', '/containers/many/json');
  expect(json).toMatchObject({
    HostConfig: { PortBindings: { '179/tcp': [{ HostIp: '', HostPort: '22099' }] } },
    NetworkSettings: { Ports: { '179/tcp': [{ HostIp: '0.0.0.0', HostPort: '22099' }] } },
  });
  await seaway('port', 'rm', 'many', '22050-22099');
  expect(await seaway('port', 'ls', 'many', '--format', '{{.Host}} {{.Port}}')).toBe(
    '0.0.0.0:22000-22049 80-129/tcp',
  );
  await seaway('rm', '-f', 'many');
});

test('a port on an interface follows its addresses', async () => {
  const serve = ['busybox', 'httpd', '-f', '-h', '/etc'];
  const labelled = ['--label', `com.seaway.publish=${uplink.name}:8601:80`];
  await seaway('run', '-d', '--name', 'there', '-p', `${uplink.name}:8600:80`, ...labelled, ...serve);
  const late = await engine.trySeaway(['run', '-d', '--name', 'later', '-p', 'wan9:8602:80', ...serve]);
  expect(late.stderr).toContain('this host has no interface "wan9" now');
  const id = (await seaway('ps', '-q', '--filter', 'name=there')).slice(0, 12);
  const ports = (name: string) => seaway('port', 'ls', name, '--format', '{{.Host}} {{.State}}');
  const wait = (name: string, text: string) =>
    vi.waitFor(async () => expect(await ports(name)).toBe(text), { timeout: 10_000 });
  const on = (...hosts: readonly string[]) => hosts.map((host) => `${host} published`).join('\n');
  await wait('there', on(`${uplink.address}:8600`, `${uplink.address}:8601`));
  expect(await ports('later')).toBe('wan9:8602 waits for an address of wan9');
  const more = uplink.address.replace(/\d+$/, '77');
  rig.run('host', 'ip', 'address', 'add', `${more}/24`, 'dev', uplink.name);
  rig.run('host', 'ip', 'link', 'add', 'wan9', 'type', 'veth', 'peer', 'name', 'wan8');
  rig.run('host', 'ip', 'address', 'add', '203.0.113.9/24', 'dev', 'wan9');
  await wait('there', on(`${uplink.address}:8600`, `${more}:8600`, `${uplink.address}:8601`, `${more}:8601`));
  expect((await engine.page('outside', `http://${more}:8600/hostname`)).trim()).toBe(id);
  await wait('later', on('203.0.113.9:8602'));
  rig.run('host', 'ip', 'address', 'del', `${more}/24`, 'dev', uplink.name);
  rig.run('host', 'ip', 'link', 'del', 'wan9');
  await wait('there', on(`${uplink.address}:8600`, `${uplink.address}:8601`));
  await wait('later', 'wan9:8602 waits for an address of wan9');
  await seaway('rm', '-f', 'there', 'later');
});

test('ports are published and taken back while a container runs, and other connections lose nothing', async () => {
  const serve = ['busybox', 'httpd', '-f', '-p', '90', '-h', '/etc'];
  await seaway('run', '-d', '--name', 'live', '-p', '8500:90', ...serve);
  const before = await seaway('inspect', '-f', '{{.State.StartedAt}} {{.State.Pid}}', 'live');
  expect(await seaway('port', 'add', 'live', '8501:90', '127.0.0.1:8502:90/udp')).toBe(
    '90/tcp -> 0.0.0.0:8501\n90/udp -> 127.0.0.1:8502',
  );
  expect(await seaway('port', 'live')).toBe(
    '90/tcp -> 0.0.0.0:8500\n90/tcp -> 0.0.0.0:8501\n90/udp -> 127.0.0.1:8502',
  );
  // the server may not listen yet
  const asked = `http://${uplink.address}:8500/hostname`;
  await vi.waitFor(async () => expect(await engine.page('outside', asked)).not.toBe('no answer'), {
    timeout: 15_000,
  });
  const clients = [8500, 8501].map((port) => {
    const program = `require('node:net').connect(${port}, '${uplink.address}', () => console.log('connected'))`;
    return rig.start('outside', process.execPath, '-e', program);
  });
  expect(await Promise.all(clients.map(({ firstLine }) => firstLine))).toEqual(['connected', 'connected']);
  const flows = (): string => {
    const lines = rig.run('host', 'cat', '/proc/net/nf_conntrack').split('\n');
    const open = lines.filter((line) => line.includes('ESTABLISHED'));
    const ports = open.flatMap((line) => /dport=(850\d)/.exec(line)?.[1] ?? []);
    return [...new Set(ports)].sort().join(' ');
  };
  expect(flows()).toBe('8500 8501');
  await seaway('port', 'rm', 'live', '8501', '8502/udp');
  expect(flows()).toBe('8500');
  for (const { stop } of clients) stop();

  expect(await seaway('port', 'live')).toBe('90/tcp -> 0.0.0.0:8500');
  const bound = (port: number): string => rig.run('host', 'ss', '-Htan', 'sport', '=', `:${port}`);
  expect(bound(8501)).toBe('');
  await seaway('port', 'add', 'live', '8503:90');
  expect(await seaway('inspect', '-f', '{{.State.StartedAt}} {{.State.Pid}}', 'live')).toBe(before);
  await engine.restart();
  await seaway('restart', '-t', '0', 'live');
  expect(await seaway('port', 'live')).toBe('90/tcp -> 0.0.0.0:8500\n90/tcp -> 0.0.0.0:8503');
  const taken = await engine.trySeaway(['port', 'add', 'live', '8503:91']);
  expect(taken.stderr).toContain('Bind for 0.0.0.0:8503 failed: port is already allocated');
  await seaway('rm', '-f', 'live');
});

test("a port of policy host is reached where the host's own rules accept it, and from there alone", async () => {
  const ip = (family: 4 | 6, ...args: readonly string[]) =>
    rig.run('host', family === 4 ? 'iptables' : 'ip6tables', ...args);
  const serve = ['busybox', 'httpd', '-f', '-v', '-h', '/etc'];
  await seaway('network', 'create', '--ipv6', 'obeying');
  await seaway('run', '-d', '--name', 'obeys', '--network', 'obeying', '-p', '8701:80', ...serve);
  await seaway('port', 'add', '--policy', 'host', 'obeys', '8700:80');
  const hosts = [uplink.address, `[${uplink.address6}]`];
  const reached = async (port: number): Promise<readonly boolean[]> => {
    const ask = (host: string) =>
      engine.on('outside', 'wget', '-q', '-O-', '-T', '1', '-t', '1', `http://${host}:${port}/hostname`);
    return (await Promise.all(hosts.map(ask))).map(({ status }) => status === 0);
  };
  // as firewalld does for IPv6, after the destination has been rewritten
  const strict = 'type filter hook prerouting priority 10; ';
  rig.run('host', 'nft', 'add table inet strict');
  rig.run('host', 'nft', `add chain inet strict paths { ${strict} }`);
  rig.run('host', 'nft', 'add rule inet strict paths fib saddr . mark . iif oif missing drop');
  // the server may not listen yet
  await vi.waitFor(async () => expect(await reached(8700)).toEqual([true, true]), { timeout: 15_000 });
  for (const family of [4, 6] as const) {
    ip(family, '-A', 'INPUT', '-p', family === 4 ? 'icmp' : 'icmpv6', '-j', 'ACCEPT');
    ip(family, '-A', 'INPUT', '-m', 'conntrack', '--ctstate', 'ESTABLISHED', '-j', 'ACCEPT');
    ip(family, '-P', 'INPUT', 'DROP');
  }
  expect([await reached(8700), await reached(8701)]).toEqual([
    [false, false],
    [true, true],
  ]);
  const states = async () => seaway('port', 'ls', 'obeys', '--format', '{{.Host}} {{.State}}');
  expect(await states()).toBe(
    [
      ...['0.0.0.0:8701 published', '[::]:8701 published'],
      "0.0.0.0:8700 published, refused by the host's firewall",
      "[::]:8700 published, refused by the host's firewall",
    ].join('\n'),
  );
  ip(6, '-I', 'INPUT', '-p', 'tcp', '--dport', '8700', '-s', '2001:db8::/64', '-j', 'ACCEPT');
  expect(await states()).toContain("[::]:8700 published, obeys the host's firewall");
  ip(6, '-D', 'INPUT', '1');
  const open = (family: 4 | 6, from: string) =>
    ip(family, '-A', 'INPUT', '-p', 'tcp', '--dport', '8700', '-s', from, '-j', 'ACCEPT');
  open(4, uplink.outside);
  open(6, '2001:db8:99::1');
  expect(await reached(8700)).toEqual([true, false]);
  const said = await engine.trySeaway(['logs', 'obeys']);
  expect(`${said.stdout}${said.stderr}`).toContain(uplink.outside);
  expect((await engine.page('host', 'http://127.0.0.1:8700/hostname')).trim()).toMatch(/^[0-9a-f]{12}$/);

  rig.run('host', 'ip', 'link', 'del', 'swobey0');
  rig.run('host', 'nft', 'delete', 'table', 'ip', 'seaway-obey');
  await vi.waitFor(async () => expect(await reached(8700)).toEqual([true, false]), { timeout: 15_000 });
  await seaway('rm', '-f', 'obeys');
  for (const family of [4, 6] as const) {
    ip(family, '-P', 'INPUT', 'ACCEPT');
    ip(family, '-F', 'INPUT');
  }
  rig.run('host', 'nft', 'delete table inet strict');
  expect(rig.run('host', 'ip', '-br', 'link')).not.toContain('swobey');
  expect(rig.run('host', 'nft', 'list', 'tables')).not.toContain('seaway-obey');
  const routed = await engine.trySeaway([
    ...['network', 'create', '--label', 'x', ...bridge('gateway_mode_ipv4', 'routed')],
    ...['-o', 'com.seaway.publish_policy=host', 'obeying2'],
  ]);
  expect(routed.status).toBe(0);
  const refused = await engine.trySeaway(['run', '--network', 'obeying2', '-p', '8702:80', ...idle]);
  expect(refused.stderr).toContain("port 80/tcp cannot obey the host's firewall: its network is routed");
});

test('nothing is bound for the ports of a routed network', async () => {
  const routed = [...bridge('gateway_mode_ipv4', 'routed'), ...bridge('gateway_mode_ipv6', 'routed')];
  await seaway('network', 'create', '--ipv6', ...routed, 'unbound');
  for (const name of ['unbound1', 'unbound2'])
    await seaway('run', '-d', '--name', name, '--network', 'unbound', '-p', '8400:80', ...idle);
  const { json } = await engine.api('GET', '/containers/unbound2/json');
  expect(json).toMatchObject({
    NetworkSettings: {
      Ports: {
        '80/tcp': [
          { HostIp: '0.0.0.0', HostPort: '' },
          { HostIp: '::', HostPort: '' },
        ],
      },
    },
  });
  await seaway('rm', '-f', 'unbound1', 'unbound2');
});
