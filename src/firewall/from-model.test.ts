import { describe, expect, it } from 'vitest';
import { nodes } from '../../test/golden/plans/world.ts';
import { withParsed } from '../../test/model/networks.ts';
import { driverTable } from '../drivers/table.ts';
import { blankEndpointSpec, blankNetwork, blankSandbox } from '../model/blank.ts';
import type { Container } from '../model/container.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { Model } from '../model/memory.ts';
import type { Network } from '../model/network.ts';
import type { PortMapping, Sandbox } from '../model/sandbox.ts';
import { firewallInput } from './from-model.ts';
import { defaultSettings } from './input.ts';

const network = (id: string, more: Partial<Network> = {}): Network =>
  withParsed({
    ...blankNetwork,
    id,
    name: id,
    created: '2026-01-01T00:00:00.000000000Z',
    ipam: { driver: 'default', options: {}, pools: [{ subnet: '172.17.0.0/16', auxAddresses: {} }] },
    link: `br-${id}`,
    ...more,
  });

const endpoint = (id: string, networkId: string, addresses: readonly string[]): Endpoint => ({
  id,
  networkId,
  sandboxId: `s-${id}`,
  containerId: `c-${id}`,
  name: id,
  ifname: 'eth0',
  hostLink: `v-${id}`,
  mac: '',
  addresses,
  dnsNames: [],
  order: 0,
  spec: blankEndpointSpec(networkId),
});

const mapping = (endpointId: string, hostPort: number, more: Partial<PortMapping> = {}): PortMapping => ({
  protocol: 'tcp',
  hostIP: '0.0.0.0',
  hostPort,
  containerPort: 80,
  address: '172.17.0.2',
  endpointId,
  asked: { hostIP: '', hostPort: '' },
  ...more,
});

const sandbox = (id: string, ports: readonly PortMapping[]): Sandbox => ({
  ...blankSandbox,
  id,
  containerId: `c-${id}`,
  path: '',
  hostname: id,
  ports,
  resolver: false,
});

/** Of a container the firewall reads its name, its links and what it exposes. */
function container(id: string, name: string, more: { links?: string[]; exposed?: string[] }): Container {
  const { links = [], exposed = [] } = more;
  const config = { ExposedPorts: Object.fromEntries(exposed.map((port) => [port, {}])) };
  const hostConfig = { Links: links, PortBindings: {} };
  return { id, name, config, networks: [], hostConfig } as unknown as Container;
}

function view(records: {
  networks: readonly Network[];
  endpoints?: readonly Endpoint[];
  sandboxes?: readonly Sandbox[];
  containers?: readonly Container[];
}): Model {
  const model = new Model(driverTable());
  model.apply([
    ...records.networks.map((put) => ({ table: 'networks', put }) as const),
    ...(records.endpoints ?? []).map((put) => ({ table: 'endpoints', put }) as const),
    ...(records.sandboxes ?? []).map((put) => ({ table: 'sandboxes', put }) as const),
    ...(records.containers ?? []).map((put) => ({ table: 'containers', put }) as const),
  ]);
  return model;
}

describe('firewallInput', () => {
  it('sees bridge networks alone, the predefined one first, then by age', () => {
    const networks = [
      network('z', { created: '2026-02-01T00:00:00.000000000Z' }),
      network('a', { created: '2026-03-01T00:00:00.000000000Z' }),
      network('bridge', { predefined: true, created: '2026-09-01T00:00:00.000000000Z' }),
      network('host', { driver: 'host', link: '' }),
      network('config', { configOnly: true }),
    ];
    const { bridges } = firewallInput(view({ networks }), defaultSettings);
    expect(bridges.map(({ name }) => name)).toEqual(['bridge', 'z', 'a']);
  });

  it('reads options and families', () => {
    const made = network('app', {
      enableIPv6: true,
      options: {
        'com.docker.network.bridge.enable_ip_masquerade': 'false',
        'com.docker.network.bridge.gateway_mode_ipv6': 'routed',
      },
      ipam: {
        driver: 'default',
        options: {},
        pools: ['172.18.0.0/16', '172.19.0.0/16', 'fd00::/64'].map((subnet) => ({
          subnet,
          auxAddresses: {},
        })),
      },
    });
    const [bridge] = firewallInput(view({ networks: [made] }), defaultSettings).bridges;
    expect(bridge?.families).toEqual({
      4: { subnets: ['172.18.0.0/16', '172.19.0.0/16'], mode: 'nat', masquerade: false, source: '' },
      6: { subnets: ['fd00::/64'], mode: 'routed', masquerade: false, source: '' },
    });
  });

  it('ports follow their endpoint to its network and are ordered by number', () => {
    const input = firewallInput(
      view({
        networks: [network('app')],
        endpoints: [endpoint('e', 'app', ['172.17.0.2/16'])],
        sandboxes: [
          sandbox('s', [mapping('e', 90), mapping('e', 80, { protocol: 'udp' }), mapping('e', 80)]),
          sandbox('lost', [mapping('gone', 1)]),
        ],
      }),
      defaultSettings,
    );
    expect(input.ports.map(({ hostPort, protocol, link }) => `${link} ${hostPort}/${protocol}`)).toEqual([
      'br-app 80/tcp',
      'br-app 80/udp',
      'br-app 90/tcp',
    ]);
    expect(input.ports[0]).not.toHaveProperty('endpointId');
  });

  it('legacy links become holes on a default bridge whose containers are kept isolated, in their direction', () => {
    const records = {
      endpoints: [endpoint('web', 'bridge', ['172.17.0.3/16']), endpoint('db', 'bridge', ['172.17.0.2/16'])],
      containers: [
        container('c-web', 'web', { links: ['/db:/web/mydb'] }),
        container('c-db', 'db', { exposed: ['5432/tcp', '53/udp'] }),
      ],
    };
    const options = { 'com.docker.network.bridge.enable_icc': 'false' };
    const isolated = view({ ...records, networks: [network('bridge', { predefined: true, options })] });
    const hole = { link: 'br-bridge', from: '172.17.0.3', to: '172.17.0.2' };
    expect(firewallInput(isolated, defaultSettings).holes).toEqual([
      { ...hole, port: 53, protocol: 'udp' },
      { ...hole, port: 5432, protocol: 'tcp' },
    ]);
    const open = view({ ...records, networks: [network('bridge', { predefined: true })] });
    expect(firewallInput(open, defaultSettings).holes).toEqual([]);
  });

  it('tunnels have the port of this host, and those of encrypted networks another one', () => {
    const model = view({ networks: [] });
    const overlay = { vnis: [256], mtu: 1370, encrypted: true };
    model.apply([{ table: 'networks', put: network('secret', { driver: 'overlay', link: '', overlay }) }]);
    const ports = (dataPort?: number) => {
      for (const node of nodes)
        model.apply([{ table: 'nodes', put: { ...node, ...(dataPort && { dataPort }) } }]);
      const { tunnels, secureTunnels } = firewallInput(model, defaultSettings);
      return [tunnels?.port, secureTunnels?.port];
    };
    expect([ports(), ports(7788), ports(4790)]).toEqual([
      [4789, 4790],
      [7788, 4790],
      [4790, 4789],
    ]);
  });

  it('networks of plugins are segments where bridged packets are seen', () => {
    const driver = 'weave';
    const drivers = driverTable({
      asking: () => ({ prepareEndpoint, endpointGone: () => [], networkGone: () => [] }),
    });
    const model = new Model(drivers);
    model.apply([{ table: 'networks', put: network('far', { driver, link: '' }) }]);
    expect(firewallInput(model, defaultSettings).segments).toEqual([
      { name: 'far', subnets: ['172.17.0.0/16'] },
    ]);
    const blind = { ...defaultSettings, bridgeNetfilter: false };
    expect(firewallInput(model, blind).segments).toEqual([]);
  });
});

const prepareEndpoint = async () => ({});
