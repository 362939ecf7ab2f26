/** A model for tests, its records made from the few fields that matter to what is planned. */
import { createHash } from 'node:crypto';
import { driverTable } from '../../../src/drivers/table.ts';
import type { Pool } from '../../../src/ipam/pool.ts';
import { blankEndpointSpec, blankNetwork, blankSandbox } from '../../../src/model/blank.ts';
import type { Endpoint } from '../../../src/model/endpoint.ts';
import { parseInterfaceName, parseSysctls } from '../../../src/model/endpoint-options.ts';
import { Model } from '../../../src/model/memory.ts';
import type { Network } from '../../../src/model/network.ts';
import { type Node, nodeHere } from '../../../src/model/node.ts';
import type { Peer } from '../../../src/model/peer.ts';
import { parseRates } from '../../../src/model/rates.ts';
import type { Sandbox } from '../../../src/model/sandbox.ts';
import type { MeshPort, VirtualService } from '../../../src/model/virtual-service.ts';
import type { Facts } from '../../../src/objects/object.ts';
import { withParsed } from '../../model/networks.ts';

export const usualFacts: Facts = { uplinkMtu: 1500, bridgeNetfilter: true, ipv6: true };

/** 64 digits that follow from a name. */
export const idOf = (name: string): string => createHash('sha256').update(name).digest('hex');

export const pool = (subnet: string, gateway?: string, more: Partial<Pool> = {}): Pool => ({
  subnet,
  auxAddresses: {},
  ...(gateway === undefined ? {} : { gateway }),
  ...more,
});

export function network(
  name: string,
  more: Partial<Network> & { readonly pools?: readonly Pool[] } = {},
): Network {
  const { pools = [], ...rest } = more;
  const id = idOf(`network ${name}`);
  const driver = rest.driver ?? 'bridge';
  const found = driverTable().find(driver);
  const { options = {} } = rest;
  return withParsed({
    ...blankNetwork,
    id,
    name,
    created: '2026-01-02T03:04:05.000000006Z',
    driver,
    ipam: { driver: 'default', options: {}, pools },
    link: found.linkName(id, found.parse(options)),
    ...rest,
  });
}

export function sandbox(name: string, more: Partial<Sandbox> = {}): Sandbox {
  return {
    ...blankSandbox,
    id: idOf(`sandbox ${name}`),
    containerId: idOf(`container ${name}`),
    path: `/run/netns/${name}`,
    hostname: name,
    ...more,
  };
}

/** Two hosts of a cluster, the first of them this one. */
export const nodes: readonly Node[] = ['a', 'b'].map((name, i) => ({
  id: idOf(`node ${name}`),
  name,
  advertise: `192.0.2.${i + 1}:2376`,
  data4: `192.0.2.${i + 1}`,
  instance: name,
  mtu: 1500,
  key: `${name.repeat(42)}A=`,
  ...(i === 0 && { here: true as const }),
}));
const here = nodeHere(nodes);

/** An endpoint of the other host. */
export const peer = (on: Network, name: string, addresses: readonly string[]): Peer => {
  const id = idOf(`endpoint ${on.name} ${name}`);
  const mac = `02:42:${id.slice(0, 2)}:00:00:ff`;
  return { id, networkId: on.id, nodeId: nodes[1]?.id ?? '', name, dnsNames: [name], addresses, mac };
};

/** An endpoint with everything chosen, as the engine's transition would choose it. */
export function endpoint(
  of: {
    readonly network: Network;
    readonly sandbox: Sandbox;
    readonly loads?: ReadonlyMap<string, number>;
  },
  more: Partial<Endpoint> & { readonly addresses: readonly string[] },
): Endpoint {
  const id = idOf(`endpoint ${of.network.name} ${of.sandbox.hostname}`);
  const asked = more.spec ?? blankEndpointSpec(of.network.name);
  const shape = driverTable()
    .find(of.network.driver)
    .endpointShape(of.network, {
      id,
      ifname: parseInterfaceName(asked),
      ...(of.loads ? { loads: of.loads } : {}),
      ...(here && of.network.overlay ? { here } : {}),
    });
  const order = more.order ?? 0;
  const rates = parseRates(asked.driverOpts);
  return {
    id,
    networkId: of.network.id,
    sandboxId: of.sandbox.id,
    containerId: of.sandbox.containerId,
    name: of.sandbox.hostname,
    ifname: shape.ifname || `${shape.ifPrefix}${order}`,
    hostLink: shape.hostLink,
    ...(shape.fanout === undefined ? {} : { fanout: shape.fanout }),
    mac: shape.mac ? `02:42:${id.slice(0, 2)}:00:00:0${order + 2}` : '',
    dnsNames: [],
    order,
    spec: asked,
    sysctls: parseSysctls(asked),
    ...(rates && { rates }),
    ...more,
  };
}

export interface World {
  readonly networks?: readonly Network[];
  readonly sandboxes?: readonly Sandbox[];
  readonly endpoints?: readonly Endpoint[];
  readonly nodes?: readonly Node[];
  readonly peers?: readonly Peer[];
  readonly services?: readonly VirtualService[];
  readonly meshPorts?: readonly MeshPort[];
}

export interface Attachment {
  readonly on: Network;
  readonly addresses?: readonly string[];
  /** It has the default route, by family. */
  readonly gateway?: readonly (4 | 6)[];
  readonly spec?: Endpoint['spec'];
  readonly mac?: string;
  /** How many endpoints the network's bridge has before. */
  readonly loads?: ReadonlyMap<string, number>;
}

/** A container's sandbox with its endpoints, in the order of its interfaces. */
export function container(
  name: string,
  attachments: readonly Attachment[],
  more: Partial<Sandbox> = {},
): Pick<World, 'sandboxes' | 'endpoints'> {
  const box = sandbox(name, more);
  const ends = attachments.map(({ on, addresses = [], spec: asked, mac, loads }, order) =>
    endpoint(
      { network: on, sandbox: box, ...(loads ? { loads } : {}) },
      { addresses, order, ...(asked ? { spec: asked } : {}), ...(mac ? { mac } : {}) },
    ),
  );
  const gateway = (family: 4 | 6): string =>
    ends[attachments.findIndex(({ gateway: families }) => families?.includes(family))]?.id ?? '';
  return { sandboxes: [{ ...box, gateway4: gateway(4), gateway6: gateway(6) }], endpoints: ends };
}

export function modelOf(world: World): Model {
  const { networks = [], sandboxes = [], endpoints = [], nodes = [], peers = [] } = world;
  const { services = [], meshPorts = [] } = world;
  const model = new Model(driverTable());
  model.apply([
    ...networks.map((put) => ({ table: 'networks', put }) as const),
    ...sandboxes.map((put) => ({ table: 'sandboxes', put }) as const),
    ...endpoints.map((put) => ({ table: 'endpoints', put }) as const),
    ...nodes.map((put) => ({ table: 'nodes', put }) as const),
    ...peers.map((put) => ({ table: 'peers', put }) as const),
    ...services.map((put) => ({ table: 'services', put }) as const),
    ...meshPorts.map((put) => ({ table: 'meshPorts', put }) as const),
  ]);
  return model;
}
