import { describe, expect, it } from 'vitest';
import { world } from '../../test/model/fixture.ts';
import { blankConfig, blankEndpointSpec as spec } from './blank.ts';
import type { HostConfig } from './container.ts';
import type { Network, NetworkRequest } from './network.ts';
import { wordsOf } from './port-specs.ts';
import { connectSandbox, disconnectSandbox, openSandbox } from './sandboxes.ts';
import { unpublishedOn } from './unpublished-ports.ts';

type Here = ReturnType<typeof world>;

const four = (subnet: string) => ({ subnet, auxAddresses: {} });

/** `n4` has IPv4, `n6` IPv6, `nd` both; `ni` is internal. */
function worldOfNetworks(options: Readonly<Record<string, string>> = {}): Here {
  const here = world({ links: ['up0'] });
  const make = (name: string, subnets: readonly string[], more: Partial<NetworkRequest> = {}): Network =>
    here.network(name, {
      enableIPv4: subnets.some((subnet) => !subnet.includes(':')),
      enableIPv6: subnets.some((subnet) => subnet.includes(':')),
      ipam: { driver: '', options: {}, pools: subnets.map(four) },
      ...more,
    });
  make('n4', ['10.4.0.0/24'], { options });
  make('n6', ['fd00:6::/64'], { options });
  make('nd', ['10.5.0.0/24', 'fd00:5::/64'], { options });
  make('ni', ['10.3.0.0/24', 'fd00:3::/64'], { internal: true });
  make('mv', ['10.2.0.0/24'], { driver: 'macvlan', options: { parent: 'up0' } });
  return here;
}

/** Opens a sandbox on some networks, then `+net` and `-net`; the published places after each step. */
function steps(here: Here, networks: readonly string[], walk: readonly string[], binding: object): string[] {
  const container = here.container('c1', {
    hostConfig: { NetworkMode: networks[0]?.split('=')[0] ?? '', PortBindings: { '80/tcp': [binding] } },
    networks: networks.map(askOf),
  });
  const { sandbox: opened, changes } = openSandbox(here.model, container, here.sandboxContext);
  here.model.apply(changes);
  const shown = () =>
    (here.model.get('sandboxes', opened.id)?.ports ?? [])
      .map(({ hostIP, hostPort, address }) => `${hostIP} ${hostPort} ${address}`)
      .join(', ');
  const first = shown();
  const moved = walk.map((step) => {
    move(here, step);
    return shown();
  });
  return [first, ...moved];
}

/** `name`, or `name=1` with a priority. */
const askOf = (text: string) => {
  const [name = '', gwPriority] = text.split('=');
  return spec(name, { gwPriority: Number(gwPriority ?? 0) });
};

function move(here: Here, step: string): void {
  const container = here.model.containerByName('c1');
  const sandbox = container && here.model.sandboxOfContainer(container.id);
  const network = here.model.networkByName(step.slice(1));
  if (!sandbox || !network) throw new Error(`no such step: ${step}`);
  const endpoint = here.model.endpointsOfNetwork(network.id)[0];
  const { changes } =
    endpoint === undefined
      ? connectSandbox(here.model, { container, sandbox, spec: spec(network.name) }, here.sandboxContext)
      : disconnectSandbox(here.model, { container, sandbox, endpoint }, here.sandboxContext);
  here.model.apply(changes);
}

const on4 = '0.0.0.0 8203 10.4.0.2';
const on6 = ':: 8203 fd00:6::2';
const dual = '0.0.0.0 8203 10.5.0.2, :: 8203 fd00:5::2';
const both = `${on4}, ${on6}`;

describe('published ports follow the way out of each family', () => {
  const anywhere = { HostPort: '8203' };
  const rows: [string, readonly string[], readonly string[], object, readonly string[]][] = [
    ['IPv6, and IPv4 comes and goes', ['n6'], ['+n4', '-n4'], anywhere, [on6, both, on6]],
    ['IPv6 on [::] alone, and IPv4 comes', ['n6'], ['+n4'], { HostIp: '::', HostPort: '8203' }, [on6, on6]],
    ['IPv6 and IPv4 from the start', ['n6', 'n4'], [], anywhere, [both]],
    ['IPv6, and both come', ['n6'], ['+nd'], anywhere, [on6, dual]],
    ['IPv4, and both come, and IPv4 goes', ['n4'], ['+nd', '-n4'], anywhere, [on4, dual, dual]],
    ['both and IPv4, and both go and come', ['nd', 'n4'], ['-nd', '+nd'], anywhere, [dual, on4, dual]],
    ['both, and an internal one comes', ['nd'], ['+ni'], anywhere, [dual, dual]],
    ['both and IPv4 and internal, and IPv4 goes', ['nd', 'n4', 'ni'], ['-n4'], anywhere, [dual, dual]],
    ['internal, and IPv4 comes and goes', ['ni'], ['+n4', '-n4'], anywhere, ['', on4, '']],
    [
      'on [::] alone, and the network with IPv6 goes',
      ['nd', 'n4'],
      ['-nd', '+n6'],
      { HostIp: '::', HostPort: '8203' },
      [':: 8203 fd00:5::2', '', on6],
    ],
    ['nothing left', ['n4'], ['-n4', '+n6'], anywhere, [on4, '', on6]],
    ['a macvlan has the way out', ['mv=1', 'n4'], ['-mv', '+mv'], anywhere, ['', on4, '']],
    [
      'a macvlan has the way out of IPv4 alone',
      ['mv=1', 'nd'],
      ['-mv'],
      anywhere,
      [':: 8203 fd00:5::2', dual],
    ],
    [
      'one address of one family',
      ['n4'],
      ['+n6'],
      { HostIp: '127.0.0.1', HostPort: '1' },
      Array(2).fill('127.0.0.1 1 10.4.0.2'),
    ],
    [
      'a dynamic port',
      ['n6'],
      ['+n4', '-n6'],
      {},
      [':: 32768 fd00:6::2', '0.0.0.0 32768 10.4.0.2, :: 32768 fd00:6::2', '0.0.0.0 32768 10.4.0.2'],
    ],
    ['a port of a range', ['n4'], ['+nd', '-nd'], { HostPort: '8203-8210' }, [on4, dual, on4]],
  ];
  it.each(rows)('%s', (_, networks, walk, binding, expected) => {
    expect(steps(worldOfNetworks(), networks, walk, binding)).toEqual(expected);
  });

  it('keep their dynamic number when they come back', () => {
    const here = worldOfNetworks();
    const generate = { ...here.sandboxContext.generate, below: () => 2 };
    const walk = steps(
      { ...here, sandboxContext: { ...here.sandboxContext, generate } },
      ['n4'],
      ['+n6', '-n4'],
      {},
    );
    expect(walk.at(-1)).toBe(':: 32770 fd00:6::2');
  });

  it('are listed by IPv4 first, also where only IPv6 is bound', () => {
    const here = worldOfNetworks({ 'com.docker.network.bridge.gateway_mode_ipv4': 'routed' });
    expect(steps(here, ['nd'], [], anywhere)).toEqual(['0.0.0.0 0 10.5.0.2, :: 8203 fd00:5::2']);
  });

  it('are open and not bound where a family is routed', () => {
    const here = worldOfNetworks({ 'com.docker.network.bridge.gateway_mode_ipv6': 'routed' });
    expect(steps(here, ['nd'], ['+n4', '-nd', '+n6'], anywhere)).toEqual([
      '0.0.0.0 8203 10.5.0.2, :: 0 fd00:5::2',
      '0.0.0.0 8203 10.5.0.2, :: 0 fd00:5::2',
      on4,
      `${on4}, :: 0 fd00:6::2`,
    ]);
  });
});

describe('a port on an IPv6 address of the host, without a way out by IPv6', () => {
  const on = (HostIp: string) => ({ HostIp, HostPort: '8203' });
  const create = (here: Here, networks: readonly string[], PortBindings: HostConfig['PortBindings']) =>
    here.container('c1', {
      hostConfig: { NetworkMode: networks[0] ?? '', PortBindings },
      networks: networks.map(askOf),
    });

  it.each(['::', '::1', '[::0001]', '2001:db8::2'])('is refused on %s', (address) => {
    const here = worldOfNetworks();
    const container = create(here, ['n4'], { '80/tcp': [on(address)], '81/tcp': [{}] });
    expect(() => openSandbox(here.model, container, here.sandboxContext)).toThrow(
      /^cannot publish \[\S+\]:8203:80\/tcp: none of the container's networks leads out by IPv6/,
    );
  });

  it('is left out, with a warning at its creation, where the port is published by IPv4 too', () => {
    const here = worldOfNetworks();
    const container = create(here, ['n4'], { '80/tcp': [on('127.0.0.1'), on('::1')] });
    expect(unpublishedOn(here.model, container).map(({ spec }) => wordsOf(spec))).toEqual([
      '[::1]:8203:80/tcp',
    ]);
    const { sandbox } = openSandbox(here.model, container, here.sandboxContext);
    expect(sandbox.ports.map(({ hostIP }) => hostIP)).toEqual(['127.0.0.1']);
  });

  it.each([['nd'], ['n4', 'n6'], ['ni']])('is no matter on %s %s', (...networks) => {
    const here = worldOfNetworks();
    const container = create(here, networks, { '80/tcp': [on('2001:db8::2')] });
    expect(unpublishedOn(here.model, container)).toEqual([]);
    expect(() => openSandbox(here.model, container, here.sandboxContext)).not.toThrow();
  });
});

describe('a port on [::1], which leads to no container', () => {
  const open = (mode: string, bindings: readonly object[]) => {
    const here = worldOfNetworks({ 'com.docker.network.bridge.gateway_mode_ipv6': mode });
    const container = here.container('c1', {
      hostConfig: { NetworkMode: 'n6', PortBindings: { '80/tcp': bindings } },
      networks: [askOf('n6')],
    });
    const warned = unpublishedOn(here.model, container).map(({ spec, why }) => `${why} ${wordsOf(spec)}`);
    return { warned, start: () => openSandbox(here.model, container, here.sandboxContext).sandbox.ports };
  };

  it.each(['::1', '[::1]', '0:0:0:0:0:0:0:1'])('is warned of and refused on %s', (HostIp) => {
    const { warned, start } = open('nat', [{ HostIp, HostPort: '8203' }]);
    expect(warned).toEqual(['PORT_ON_LOOPBACK6 [::1]:8203:80/tcp']);
    expect(start).toThrow(/^cannot publish \[::1\]:8203:80\/tcp: \[::1\] does not lead to containers/);
  });

  it('is left out where the port is published on another address too', () => {
    const addresses = ['::1', 'fd00::9'].map((HostIp) => ({ HostIp, HostPort: '8203' }));
    expect(
      open('nat', addresses)
        .start()
        .map(({ hostIP }) => hostIP),
    ).toEqual(['fd00::9']);
  });

  it('is refused where -P asks for it and the network binds ports there', () => {
    const here = worldOfNetworks({ 'com.docker.network.bridge.host_binding_ipv6': '::1' });
    const container = here.container('c1', {
      config: { ...blankConfig, ExposedPorts: { '80/tcp': {} } },
      hostConfig: { NetworkMode: 'n6', PublishAllPorts: true },
      networks: [askOf('n6')],
    });
    expect(() => openSandbox(here.model, container, here.sandboxContext)).toThrow('[::1] does not lead');
  });

  it('is open on a routed network', () => {
    const { warned, start } = open('routed', [{ HostIp: '::1', HostPort: '8203' }]);
    expect(warned).toEqual([]);
    expect(start().map(({ hostPort, address }) => `${hostPort} ${address}`)).toEqual(['0 fd00:6::2']);
  });
});

describe('a port that names no address', () => {
  const standing: [string, string, string, readonly string[]][] = [
    ['', '', '', ['0.0.0.0', '::']],
    ['0.0.0.0', '', '', ['0.0.0.0', '::']],
    ['10.0.0.1', '', '', ['10.0.0.1']],
    ['fd00::9', '', '', ['fd00::9']],
    ['', '', 'fd00::9', ['0.0.0.0', 'fd00::9']],
    ['0.0.0.0', '', 'fd00::9', ['0.0.0.0', 'fd00::9']],
    ['10.0.0.1', '', 'fd00::9', ['10.0.0.1', 'fd00::9']],
    ['fd00::8', '', 'fd00::9', ['0.0.0.0', 'fd00::9']],
    ['10.0.0.1', '10.0.0.9', '', ['10.0.0.9']],
    ['10.0.0.1', '0.0.0.0', '', ['0.0.0.0', '::']],
  ];
  it.each(standing)(
    'is bound where the engine ("%s") and the network ("%s", "%s") say',
    (bindAddress, v4, v6, on) => {
      const here = worldOfNetworks({
        ...(v4 && { 'com.docker.network.bridge.host_binding_ipv4': v4 }),
        ...(v6 && { 'com.docker.network.bridge.host_binding_ipv6': v6 }),
      });
      const sandboxContext = { ...here.sandboxContext, bindAddress };
      const [ports = ''] = steps({ ...here, sandboxContext }, ['nd'], [], { HostPort: '80' });
      expect(ports.split(', ').map((port) => port.split(' ')[0])).toEqual(on);
    },
  );
});
