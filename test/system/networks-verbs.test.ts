/** Networks listed, pruned and inspected by every filter; networks that only carry settings; shared namespaces. */
import { beforeAll, describe, expect, test } from 'vitest';
import { uplink } from '../kernel/rig.ts';
import { openTestEngine } from './engine.ts';

const engine = openTestEngine();
const { rig } = engine;
const seaway = engine.seaway.bind(engine);
const idle = ['busybox', 'sleep', '1000'];

const refusal = async (...args: readonly string[]): Promise<string> =>
  (await engine.trySeaway(args)).stderr.replace(/^.*Error response from daemon: /s, '').split('\n')[0] ?? '';

const listed = async (...filters: readonly string[]): Promise<readonly string[]> =>
  (await seaway('network', 'ls', '--format', '{{.Name}}', ...filters.flatMap((one) => ['--filter', one])))
    .split('\n')
    .filter(Boolean);

beforeAll(async () => {
  await seaway('network', 'create', '--label', 'tier=db', '--label', 'plain', 'used');
  await seaway('network', 'create', '--label', 'tier=web', 'idle');
  await seaway('network', 'create', '-d', 'macvlan', '-o', 'parent=up0', 'wire');
  await seaway('run', '-d', '--name', 'one', '--network', 'used', ...idle);
});

describe('ls', () => {
  test.each([
    [['driver=bridge'], ['bridge', 'idle', 'used']],
    [
      ['driver=bridge', 'driver=macvlan', 'type=custom'],
      ['idle', 'used', 'wire'],
    ],
    [['driver=null'], ['none']],
    [['name=use'], ['used']],
    [['name=^id'], ['idle']],
    [['label=tier'], ['idle', 'used']],
    [['label=tier=db', 'label=plain'], ['used']],
    [['label=tier=db', 'label=other'], []],
    [
      ['scope=local', 'type=builtin'],
      ['bridge', 'host', 'none'],
    ],
    [['scope=swarm'], []],
    [['dangling=true'], ['idle', 'wire']],
    [['dangling=0', 'type=custom'], ['used']],
  ])('by %j', async (filters, names) => {
    expect(await listed(...filters)).toEqual(names);
  });

  test('by the start of an id, and by no filter that is unknown', async () => {
    const id = await seaway('network', 'inspect', '--format', '{{.Id}}', 'idle');
    expect(await listed(`id=${id.slice(0, 10)}`)).toEqual(['idle']);
    expect(await refusal('network', 'ls', '--filter', 'type=other')).toBe("invalid filter: 'type'='other'");
    expect(await refusal('network', 'ls', '--filter', 'colour=red')).toContain("invalid filter 'colour'");
  });
});

describe('a network that only carries settings', () => {
  test('gives them to those that are made from it, and stays as long as they', async () => {
    const settings = [
      '--subnet',
      '10.76.0.0/24',
      '-o',
      'com.docker.network.driver.mtu=1400',
      '--label',
      'a=b',
    ];
    await seaway('network', 'create', '--config-only', ...settings, 'cfg');
    await seaway('network', 'create', '--config-from', 'cfg', '--internal', 'made');
    const [made] = JSON.parse(await seaway('network', 'inspect', 'made')) as object[];
    expect(made).toMatchObject({
      Driver: 'bridge',
      Internal: true,
      ConfigFrom: { Network: 'cfg' },
      ConfigOnly: false,
      Options: { 'com.docker.network.driver.mtu': '1400' },
      Labels: { a: 'b' },
      IPAM: { Config: [{ Subnet: '10.76.0.0/24' }] },
    });
    await seaway('run', '-d', '--name', 'made', '--network', 'made', ...idle);
    expect(await seaway('exec', 'made', 'cat', '/sys/class/net/eth0/mtu')).toBe('1400');
    expect(await refusal('network', 'rm', 'cfg')).toBe(
      'error while removing network: configuration network "cfg" is in use',
    );
    await seaway('rm', '-f', 'made');
    await seaway('network', 'rm', 'made', 'cfg');
  });

  test.each([
    [['--config-from', 'nope'], 'configuration network "nope" does not exist'],
    [['--config-from', 'idle'], 'configuration network "idle" does not exist'],
    [
      ['--config-only', '--internal'],
      'configuration network can only contain network specific fields. Network operator fields like [ ingress | internal | attachable | scope ] are not supported.',
    ],
    [
      ['--config-only', '--config-from', 'idle'],
      'a configuration network cannot depend on another configuration network',
    ],
  ])('create %j is refused', async (args, why) => {
    expect(await refusal('network', 'create', ...args, 'bad')).toBe(why);
  });

  test('nobody can be on it', async () => {
    await seaway('network', 'create', '--config-only', 'bare');
    expect(await refusal('run', '--rm', '--network', 'bare', 'busybox', 'true')).toBe(
      'failed to set up container networking: cannot create endpoint on configuration-only network',
    );
    await seaway('network', 'rm', 'bare');
  });
});

describe("another container's network", () => {
  test.each([
    [['--publish', '80:80'], 'port publishing and the container type network mode'],
    [['--hostname', 'x'], 'hostname and the network mode'],
    [['--dns', '1.1.1.1'], 'dns and the network mode'],
    [['--add-host', 'a:1.1.1.1'], 'custom host-to-IP mapping and the network mode'],
    [['--mac-address', '02:00:00:00:00:01'], 'mac-address and the network mode'],
    [['--expose', '99'], 'port exposing and the container type network mode'],
  ])('cannot be joined with %j', async (args, why) => {
    const run = ['run', '--rm', '--network', 'container:one', ...args, 'busybox', 'true'];
    expect(await refusal(...run)).toBe(`conflicting options: ${why}`);
  });

  test('must be there and run, and who has joined is on no other', async () => {
    expect(await refusal('run', '--rm', '--network', 'container:nobody', 'busybox', 'true')).toBe(
      'joining network namespace of container: No such container: nobody',
    );
    await seaway('create', '--name', 'asleep', 'busybox', 'true');
    expect(await refusal('run', '--rm', '--network', 'container:asleep', 'busybox', 'true')).toContain(
      'cannot join network namespace of a non running container',
    );
    await seaway('run', '-d', '--name', 'joined', '--network', 'container:one', ...idle);
    expect(await refusal('network', 'connect', 'idle', 'joined')).toBe(
      'container sharing network namespace with another container or host cannot be connected to any other network',
    );
    await seaway('rm', '-f', 'joined', 'asleep');
  });
});

describe('addresses', () => {
  const only = 'user specified IP address is supported on user defined networks only';

  test('can be asked for only where the subnet is the user’s', async () => {
    const run = (...args: readonly string[]) => refusal('run', '--rm', ...args, 'busybox', 'true');
    expect(await run('--ip', '172.17.0.9')).toContain('invalid config for network bridge');
    for (const network of ['bridge', 'host', 'none']) {
      const { json } = await engine.api('POST', '/containers/create', {
        json: {
          Image: 'busybox',
          HostConfig: { NetworkMode: network },
          NetworkingConfig: { EndpointsConfig: { [network]: { IPAMConfig: { IPv4Address: '172.17.0.9' } } } },
        },
      });
      const { message } = json as { readonly message: string };
      expect(message).toContain(`invalid config for network ${network}: invalid endpoint settings:\n`);
      expect(message).toContain(only);
    }
    const { json } = await engine.api('POST', '/networks/idle/connect', {
      json: { Container: 'one', EndpointConfig: { IPAMConfig: { IPv4Address: '172.19.0.9' } } },
    });
    expect(json).toEqual({
      message:
        'invalid endpoint settings:\nuser specified IP address is supported only when connecting to networks with user configured subnets',
    });
  });
});

describe('options of a network are judged before anything is made', () => {
  test.each([
    [
      'com.docker.network.advertise_addr_ms=99',
      'com.docker.network.advertise_addr_ms must be in the range 100 to 2000',
    ],
    [
      'com.docker.network.advertise_addr_nmsgs=4',
      'com.docker.network.advertise_addr_nmsgs must be in the range 0 to 3',
    ],
    [
      'com.docker.network.bridge.gateway_mode_ipv4=isolated',
      "gateway mode 'isolated' can only be used for an internal network",
    ],
    ['com.docker.network.host_ipv4=fd00::1', '(not an IPv4 address)'],
    [
      'com.docker.network.bridge.trusted_host_interfaces=a/b',
      '("a/b" is not a link name that firewall rules can match)',
    ],
    [
      'com.docker.network.bridge.name=a+b',
      'invalid bridge name "a+b": not a link name that firewall rules can match',
    ],
    ['seaway.host_names=perhaps', 'failed to parse seaway.host_names value: perhaps'],
  ])('%s', async (option, why) => {
    expect(await refusal('network', 'create', '-o', option, 'bad')).toContain(why);
    expect(await listed('name=bad')).toEqual([]);
  });
});

test('a macvlan network in mode passthru has one member, as its parent has room for one', async () => {
  const options = ['-o', 'parent=up0', '-o', 'macvlan_mode=passthru', '--subnet', '198.51.100.0/24'];
  await seaway('network', 'rm', 'wire');
  await seaway('network', 'create', '-d', 'macvlan', ...options, 'wire');
  await seaway('run', '-d', '--name', 'alone', '--network', 'wire', ...idle);
  expect(await refusal('run', '--rm', '--network', 'wire', 'busybox', 'true')).toBe(
    'failed to set up container networking: network wire is in mode passthru: its parent up0 belongs to the endpoint that it has',
  );
  await seaway('rm', '-f', 'alone');
});

describe('a kind of link that the kernel lacks is the error, and nothing stays', () => {
  /** Whether the kernel makes such links. */
  const has = (...type: readonly string[]): boolean => {
    try {
      rig.run('host', 'ip', 'link', 'add', 'link', uplink.name, 'name', 'probe0', 'type', ...type);
    } catch {
      return false;
    }
    rig.run('host', 'ip', 'link', 'del', 'probe0');
    return true;
  };
  const create = ['network', 'create', '--subnet', '10.77.0.0/24'];

  test('ipvlan', async () => {
    rig.run('host', 'ip', 'link', 'add', 'wire0', 'type', 'veth', 'peer', 'name', 'wire1');
    await seaway(...create, '-d', 'ipvlan', '-o', 'parent=wire0', '-o', 'ipvlan_mode=l3', 'routed');
    const said = await refusal('run', '--rm', '--network', 'routed', 'busybox', 'true');
    expect(said).toBe(has('ipvlan') ? '' : 'failed to set up container networking: the kernel lacks ipvlan');
    await seaway('network', 'rm', 'routed');
    rig.run('host', 'ip', 'link', 'del', 'wire0');
  });

  test('an 802.1q sub-interface', async () => {
    const said = await refusal(...create, '-d', 'macvlan', '-o', 'parent=up0.70', 'tagged');
    expect(said).toBe(has('vlan', 'id', '7') ? '' : 'the kernel lacks vlan');
    if (said === '') await seaway('network', 'rm', 'tagged');
    expect(await listed('name=tagged')).toEqual([]);
    expect(rig.run('host', 'ip', 'link')).not.toContain('up0.70');
  });
});

describe('prune', () => {
  test('takes what nobody uses, by label and age', async () => {
    expect(await refusal('network', 'prune', '-f', '--filter', 'until=nonsense')).toContain(
      'failed to parse value as time or duration: "nonsense"',
    );
    const prune = (...filters: readonly string[]): Promise<string> =>
      seaway('network', 'prune', '-f', ...filters.flatMap((one) => ['--filter', one]));
    expect(await prune('until=1h')).toBe('');
    expect(await prune('label=tier=none')).toBe('');
    expect(await prune('label!=tier')).toMatch(/wire$/);
    expect(await prune()).toMatch(/idle$/);
    expect(await listed()).toEqual(['bridge', 'host', 'none', 'used']);
  });
});
