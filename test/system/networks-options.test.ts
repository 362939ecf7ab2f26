/** Every option of a bridge network, seen in the kernel, and packets sent for what it promises. */
import { beforeAll, describe, expect, test } from 'vitest';
import { uplink } from '../kernel/rig.ts';
import { openTestEngine } from './engine.ts';

const engine = openTestEngine();
const { rig } = engine;
const seaway = engine.seaway.bind(engine);

const bridge = (name: string, value: string): readonly string[] => [
  '-o',
  `com.docker.network.bridge.${name}=${value}`,
];
const web = 'httpd -h /etc; exec httpd -f -p 81 -h /etc';
const idle = ['busybox', 'sleep', '1000'];

const inside = (name: string, command: string): Promise<string> => seaway('exec', name, 'sh', '-c', command);

/** Addresses of a link of the host, without those that the kernel gives. */
const addressesOf = (link: string): readonly string[] =>
  rig
    .ip('host', 'addr', 'show', 'dev', link)
    .flatMap(({ addr_info }) => addr_info as readonly { local: string; prefixlen: number; scope: string }[])
    .filter(({ scope }) => scope === 'global')
    .map(({ local, prefixlen }) => `${local}/${prefixlen}`);

const sysctl = (key: string): string => rig.run('host', 'cat', `/proc/sys/${key}`).trim();

const poolsOf = async (network: string): Promise<unknown> =>
  JSON.parse(await seaway('network', 'inspect', '--format', '{{json .IPAM.Config}}', network));

test('name, MTU, prefix and addresses to publish on are in the kernel', async () => {
  const names = [...bridge('name', 'br-opt'), '-o', 'com.docker.network.driver.mtu=1400'];
  const binding = [
    ...bridge('host_binding_ipv4', uplink.address),
    ...bridge('host_binding_ipv6', uplink.address6),
  ];
  const prefix = ['-o', 'com.docker.network.container_iface_prefix=net'];
  await seaway('network', 'create', '--ipv6', ...names, ...binding, ...prefix, 'opt');
  await seaway('run', '-d', '--name', 'opt', '--network', 'opt', '-p', '8085:80', ...idle);
  expect(rig.ip('host', 'link', 'show', 'br-opt')[0]).toMatchObject({ mtu: 1400 });
  expect(await inside('opt', 'cat /sys/class/net/net0/mtu')).toBe('1400');
  const published = (await seaway('port', 'opt')).split('\n').toSorted();
  expect(published).toEqual([`80/tcp -> ${uplink.address}:8085`, `80/tcp -> [${uplink.address6}]:8085`]);
});

test('a network of IPv6 alone has a unique local subnet, and no router makes itself known to it', async () => {
  await seaway('network', 'create', '--ipv4=false', '--ipv6', ...bridge('name', 'br-six'), 'six');
  expect(await poolsOf('six')).toEqual([
    { Subnet: expect.stringMatching(/^fd.*\/64$/), Gateway: expect.any(String) },
  ]);
  expect(sysctl('net/ipv6/conf/br-six/accept_ra')).toBe('0');
  await seaway('run', '-d', '--name', 'six', '--network', 'six', ...idle);
  expect(await inside('six', 'ip -4 route; cat /proc/sys/net/ipv6/conf/eth0/accept_ra')).toBe('0');
  expect(await inside('six', `ping -6 -c1 -W2 ${uplink.outside6}`)).toContain('1 packets received');
});

test('the host has no address where a network is isolated or IPv4 is inhibited; internal has no way out', async () => {
  const isolated = [...bridge('gateway_mode_ipv4', 'isolated'), ...bridge('gateway_mode_ipv6', 'isolated')];
  await seaway('network', 'create', '--internal', '--ipv6', ...isolated, ...bridge('name', 'br-iso'), 'iso');
  expect(addressesOf('br-iso')).toEqual([]);
  await seaway(
    'network',
    'create',
    '--subnet',
    '10.33.0.0/24',
    ...bridge('inhibit_ipv4', 'true'),
    ...bridge('name', 'br-inh'),
    'inh',
  );
  expect(addressesOf('br-inh')).toEqual([]);
  await seaway(
    'network',
    'create',
    '--internal',
    '--subnet',
    '10.34.0.0/24',
    ...bridge('name', 'br-int'),
    'int',
  );
  expect(addressesOf('br-int')).toEqual(['10.34.0.1/24']);
  await seaway('run', '-d', '--name', 'int', '--network', 'int', ...idle);
  expect(await inside('int', 'ip route')).toBe('10.34.0.0/24 dev eth0 scope link  src 10.34.0.2');
});

test('several subnets of a family, addresses as asked, link-local ones, name and sysctls of the interface', async () => {
  const subnets = ['10.41.0.0/24', '10.42.0.0/24', 'fd41::/64', 'fd42::/64'];
  await seaway(
    'network',
    'create',
    '--ipv6',
    ...subnets.flatMap((one) => ['--subnet', one]),
    ...bridge('name', 'br-multi'),
    'multi',
  );
  expect(addressesOf('br-multi').toSorted()).toEqual([
    '10.41.0.1/24',
    '10.42.0.1/24',
    'fd41::1/64',
    'fd42::1/64',
  ]);
  // as the docker CLI sends it, which writes the values of options in lower case
  const driverOpts = {
    'com.docker.network.endpoint.ifname': 'wan0',
    'com.docker.network.endpoint.sysctls':
      'net.ipv4.conf.ifname.log_martians=1,net.ipv6.conf.IFNAME.hop_limit=9',
  };
  const ipam = {
    IPv4Address: '10.42.0.7',
    IPv6Address: 'fd42::7',
    LinkLocalIPs: ['169.254.9.9', 'fe80::99'],
  };
  await seaway('run', '-d', '--name', 'multi', '--network', 'none', ...idle);
  await seaway('network', 'disconnect', 'none', 'multi');
  const connected = await engine.api('POST', '/networks/multi/connect', {
    json: { Container: 'multi', EndpointConfig: { IPAMConfig: ipam, DriverOpts: driverOpts } },
  });
  expect(connected.status).toBe(200);
  const text = await inside(
    'multi',
    'ip addr show wan0; ip route; cat /proc/sys/net/ipv4/conf/wan0/log_martians; cat /proc/sys/net/ipv6/conf/wan0/hop_limit',
  );
  for (const part of [
    '10.42.0.7/24',
    'fd42::7/64',
    '169.254.9.9/16',
    'fe80::99/64',
    'default via 10.42.0.1 dev wan0',
  ])
    expect(text).toContain(part);
  expect(text.split('\n').slice(-2)).toEqual(['1', '9']);
  const again = await engine.api('POST', '/networks/bridge/connect', {
    json: {
      Container: 'multi',
      EndpointConfig: { DriverOpts: { 'com.docker.network.endpoint.ifname': 'wan0' } },
    },
  });
  expect(again).toMatchObject({ status: 403, message: 'interface name "wan0" is already in use in multi' });
});

test('the way out is chosen by priority, then by families, then by name, for each family by itself', async () => {
  await seaway('network', 'create', '--ipv6', 'zz');
  await seaway('network', 'create', '--subnet', '10.43.0.0/24', 'aa');
  await seaway(
    'run',
    '-d',
    '--name',
    'ways',
    '--network',
    'zz',
    '--network',
    'aa',
    '--network',
    'int',
    ...idle,
  );
  const ways = (): Promise<string> => inside('ways', 'ip route | grep default; ip -6 route | grep default');
  expect(await ways()).toMatch(/^default via \S+ dev eth0 \ndefault via fd.* dev eth0/);
  await seaway('network', 'disconnect', 'zz', 'ways');
  expect(await ways().catch(() => 'one')).toBe('one');
  await seaway('network', 'disconnect', 'aa', 'ways');
  await seaway('network', 'connect', 'zz', 'ways');
  await seaway('network', 'connect', '--gw-priority', '5', 'aa', 'ways');
  expect(await ways()).toMatch(/^default via 10\.43\.0\.1 dev \S+ \ndefault via fd.* dev/);
});

describe('gateway modes', () => {
  const modes = {
    nat: [],
    'nat-unprotected': [
      ...bridge('gateway_mode_ipv4', 'nat-unprotected'),
      ...bridge('gateway_mode_ipv6', 'nat-unprotected'),
    ],
    routed: [...bridge('gateway_mode_ipv4', 'routed'), ...bridge('gateway_mode_ipv6', 'routed')],
    trusted: bridge('trusted_host_interfaces', uplink.name),
    'not masqueraded': bridge('enable_ip_masquerade', 'false'),
  };
  const names = Object.keys(modes);

  beforeAll(async () => {
    for (const [i, options] of Object.values(modes).entries()) {
      const subnets = ['--subnet', `10.5${i}.0.0/24`, '--subnet', `fd5${i}::/64`];
      await seaway('network', 'create', '--ipv6', ...subnets, ...options, `mode${i}`);
      const place = ['--network', `mode${i}`, '--ip', `10.5${i}.0.9`, '--ip6', `fd5${i}::9`];
      await seaway(
        'run',
        '-d',
        '--name',
        `mode${i}`,
        ...place,
        '-p',
        `910${i}:80`,
        'busybox',
        'sh',
        '-c',
        web,
      );
      rig.run('outside', 'ip', 'route', 'add', `10.5${i}.0.0/24`, 'via', uplink.address);
      rig.run('outside', 'ip', '-6', 'route', 'add', `fd5${i}::/64`, 'via', uplink.address6);
    }
  });

  const reach = async (url: string): Promise<string> =>
    (await engine.page('outside', `http://${url}/passwd`)).startsWith('root:') ? 'open' : 'closed';

  /** Ports of the container's own address (published, not published), and the published port on the host. */
  const doors = async (i: number): Promise<string> => {
    const addresses = [`10.5${i}.0.9`, `[fd5${i}::9]`];
    const hosts = [`${uplink.address}:910${i}`, `[${uplink.address6}]:910${i}`];
    const urls = addresses.flatMap((address, at) => [address, `${address}:81`, hosts[at] ?? '']);
    return (await Promise.all(urls.map(reach))).join(' ');
  };

  test.each([
    ['nat', 'closed closed open'],
    ['nat-unprotected', 'open open open'],
    ['routed', 'open closed closed'],
    ['trusted', 'open closed open'],
    ['not masqueraded', 'closed closed open'],
  ])('%s: %s to the outside, by IPv4 and by IPv6', async (mode, expected) => {
    expect(await doors(names.indexOf(mode))).toBe(`${expected} ${expected}`);
  });
});

test('a default route that was made inside stands in the way of a network with a gateway', async () => {
  await seaway('network', 'create', '--internal', 'shut');
  await seaway('network', 'create', '--subnet', '10.62.0.0/24', 'wide');
  await seaway(
    'run',
    '-d',
    '--name',
    'routed',
    '--cap-add',
    'NET_ADMIN',
    '--network',
    'shut',
    '-p',
    '8500:80',
    ...idle,
  );
  await inside('routed', 'ip route add default dev eth0');
  const refused = await engine.trySeaway(['network', 'connect', 'wide', 'routed']);
  expect(refused.stderr).toContain('updating gateway endpoint: failed to set gateway: file exists');
  expect([await inside('routed', 'ip addr'), await seaway('port', 'routed')]).toEqual([
    expect.not.stringContaining('10.62.0.'),
    '',
  ]);
  await inside('routed', 'ip route del default');
  await seaway('network', 'connect', 'wide', 'routed');
  expect(await inside('routed', 'ip route')).toContain('default via 10.62.0.1');
  await seaway('rm', '-f', 'routed');
});

test('a network can be inspected to the last address, and listed by every filter', async () => {
  await seaway(
    'network',
    'create',
    '--subnet',
    '10.44.0.0/24',
    '--ip-range',
    '10.44.0.64/28',
    '--label',
    'tier=db',
    'counted',
  );
  await seaway('run', '-d', '--name', 'counted', '--network', 'counted', ...idle);
  const status = async (): Promise<unknown> =>
    (await engine.api('GET', '/networks/counted?verbose=true')).json;
  // network, broadcast, gateway (the first of the range) and one container
  expect(await status()).toMatchObject({
    Status: { IPAM: { Subnets: { '10.44.0.0/24': { IPsInUse: 4, DynamicIPsAvailable: 14 } } } },
  });
  const listed = (...filters: readonly string[]): Promise<string> =>
    seaway('network', 'ls', '--format', '{{.Name}}', ...filters.flatMap((one) => ['--filter', one]));
  expect(await listed('label=tier=db', 'driver=bridge', 'type=custom', 'scope=local')).toBe('counted');
  expect(await listed('dangling=false', 'name=counted')).toBe('counted');
  expect(await listed('dangling=true', 'name=counted')).toBe('');
  expect((await listed('type=builtin')).split('\n')).toEqual(['bridge', 'host', 'none']);
});
