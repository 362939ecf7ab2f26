import { describe, expect, it } from 'vitest';
import { world } from '../../test/model/fixture.ts';
import { withParsed } from '../../test/model/networks.ts';
import { blankConfig, blankEndpointSpec } from '../model/blank.ts';
import type { HostConfig } from '../model/container.ts';
import { openSandbox } from '../model/sandboxes.ts';
import { firewallInput } from './from-model.ts';
import { defaultSettings } from './input.ts';

type World = ReturnType<typeof world>;

const ipam = (...subnets: string[]) => ({
  driver: '',
  options: {},
  pools: subnets.map((subnet) => ({ subnet, auxAddresses: {} })),
});

function run(here: World, name: string, hostConfig: Partial<HostConfig>, exposed: readonly string[] = []) {
  const ExposedPorts = Object.fromEntries(exposed.map((port) => [port, {}]));
  const container = here.container(name, { config: { ...blankConfig, ExposedPorts }, hostConfig });
  here.model.apply(openSandbox(here.model, container, here.sandboxContext).changes);
}

const read = ({ model }: World) => firewallInput(model, defaultSettings);

/** The default bridge, its containers kept isolated. */
function isolated(): World {
  const here = world();
  const bridge = here.model.networkByName('bridge');
  if (!bridge) throw new Error('no default bridge');
  const options = { ...bridge.options, 'com.docker.network.bridge.enable_icc': 'false' };
  here.model.apply([{ table: 'networks', put: withParsed({ ...bridge, options }) }]);
  return here;
}

describe('the families of a network', () => {
  const families = (request: Parameters<World['network']>[1]) => {
    const here = world();
    here.network('net', request);
    const net = read(here).bridges.find(({ name }) => name === 'net');
    return Object.entries(net?.families ?? {}).map(([family, of]) => [family, of?.subnets]);
  };

  it('are those that it has, with all of their subnets', () => {
    const pools = ipam('10.1.0.0/24', 'fd01::/64', '10.2.0.0/24');
    expect(families({ enableIPv6: true, ipam: pools })).toEqual([
      ['4', ['10.1.0.0/24', '10.2.0.0/24']],
      ['6', ['fd01::/64']],
    ]);
    expect(families({ enableIPv4: false, enableIPv6: true, ipam: ipam('fd01::/64') })).toEqual([
      ['6', ['fd01::/64']],
    ]);
    expect(families({ ipam: ipam('10.1.0.0/24') })).toEqual([['4', ['10.1.0.0/24']]]);
  });

  it('are not those that are switched off, whatever its pools are', () => {
    const here = world();
    const made = here.network('net', { enableIPv6: true, ipam: ipam('10.1.0.0/24', 'fd01::/64') });
    const seen = (more: object) => {
      here.model.apply([{ table: 'networks', put: { ...made, ...more } }]);
      return Object.keys(read(here).bridges.find(({ name }) => name === 'net')?.families ?? {});
    };
    expect(seen({ enableIPv6: false })).toEqual(['4']);
    expect(seen({ enableIPv4: false })).toEqual(['6']);
  });
});

describe('published ports', () => {
  it('are in the order of their number, their protocol, and the address on the host', () => {
    const here = world();
    run(here, 'web', {
      PortBindings: {
        '80/udp': [{ HostPort: '53' }],
        '81/tcp': [
          { HostIp: '127.0.0.2', HostPort: '53' },
          { HostIp: '127.0.0.10', HostPort: '53' },
        ],
        '82/tcp': [{ HostPort: '9' }],
      },
    });
    expect(read(here).ports.map(({ hostPort, protocol, hostIP }) => [hostPort, protocol, hostIP])).toEqual([
      [9, 'tcp', '0.0.0.0'],
      [53, 'tcp', '127.0.0.2'],
      [53, 'tcp', '127.0.0.10'],
      [53, 'udp', '0.0.0.0'],
    ]);
  });
});

describe('open ports of routed networks', () => {
  const mode = 'com.docker.network.bridge.gateway_mode_ipv';
  const routed = { [`${mode}4`]: 'routed', [`${mode}6`]: 'routed' };

  function open(hostConfig: Partial<HostConfig>, options: Readonly<Record<string, string>>) {
    const here = world();
    const pools = ipam('10.1.0.0/24', 'fd01::/64');
    const rt = here.network('rt', { enableIPv6: true, ipam: pools, options });
    const app = here.network('app', { ipam: ipam('10.2.0.0/24') });
    const web = here.container('web', {
      config: { ...blankConfig, ExposedPorts: { '81/tcp': {} } },
      hostConfig,
      networks: [blankEndpointSpec(app.name, { gwPriority: 1 }), blankEndpointSpec(rt.name)],
    });
    here.model.apply(openSandbox(here.model, web, here.sandboxContext).changes);
    const { open: ports } = read(here);
    expect(ports.every(({ link }) => link === rt.link)).toBe(true);
    return ports.map(({ address, containerPort, protocol }) => `${address} ${containerPort}/${protocol}`);
  }

  it('are there although another network carries the published ports', () => {
    const asked = { PortBindings: { '80/tcp': [{ HostPort: '8080' }] } };
    expect(open(asked, routed)).toEqual(['10.1.0.2 80/tcp', 'fd01::2 80/tcp']);
    expect(open({ PublishAllPorts: true, PortBindings: {} }, routed)).toEqual([
      '10.1.0.2 81/tcp',
      'fd01::2 81/tcp',
    ]);
  });

  it('are those of families that are routed, and asked for by an address of the host', () => {
    const asked = { PortBindings: { '80/tcp': [{ HostPort: '8080' }] } };
    expect(open(asked, { [`${mode}6`]: 'routed' })).toEqual(['fd01::2 80/tcp']);
    expect(open(asked, {})).toEqual([]);
    expect(open({ PortBindings: { '80/udp': [{ HostIp: '127.0.0.1' }] } }, routed)).toEqual([
      '10.1.0.2 80/udp',
    ]);
  });
});

describe('the holes of links', () => {
  const holes = (here: World) =>
    read(here).holes.map(({ from, to, port, protocol }) => `${from} ${to}:${port}/${protocol}`);

  it('lead to what the source exposes and to what it publishes, each once', () => {
    const here = isolated();
    const published = { PortBindings: { '80/tcp': [{ HostPort: '8080' }], '53/udp': [{ HostPort: '53' }] } };
    run(here, 'db', published, ['80/tcp', '3868/sctp', '5432']);
    run(here, 'web', { Links: ['db:sql'] });
    expect(holes(here).sort()).toEqual([
      '172.17.0.3 172.17.0.2:3868/sctp',
      '172.17.0.3 172.17.0.2:53/udp',
      '172.17.0.3 172.17.0.2:5432/tcp',
      '172.17.0.3 172.17.0.2:80/tcp',
    ]);
  });

  it('are as many as there are sources, also those that were named when it was connected', () => {
    const here = isolated();
    run(here, 'db', {}, ['1/tcp']);
    run(here, 'mail', {}, ['2/tcp']);
    const web = here.container('web', {
      hostConfig: { Links: ['/db:/web/db'] },
      networks: [blankEndpointSpec('bridge', { links: ['mail:post', 'db'] })],
    });
    here.model.apply(openSandbox(here.model, web, here.sandboxContext).changes);
    expect(holes(here)).toEqual(['172.17.0.4 172.17.0.2:1/tcp', '172.17.0.4 172.17.0.3:2/tcp']);
  });

  it('are none to a source that does not run, and none where containers reach each other anyway', () => {
    const here = isolated();
    here.container('db', { config: { ...blankConfig, ExposedPorts: { '1/tcp': {} } } });
    run(here, 'web', { Links: ['db'] });
    expect(holes(here)).toEqual([]);
    const open = world();
    run(open, 'db', {}, ['1/tcp']);
    run(open, 'web', { Links: ['db'] });
    expect(holes(open)).toEqual([]);
  });
});
