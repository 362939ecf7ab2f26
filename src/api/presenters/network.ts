/** Networks: list entries and inspect (Docker Engine API 1.50). */
import type { NetworkDetail, PoolUsage } from '../../engine/network-verbs.ts';
import type { Endpoint } from '../../model/endpoint.ts';
import type { Network, SentPool } from '../../model/network.ts';
import type { Node } from '../../model/node.ts';
import type { Peer } from '../../model/peer.ts';
import type { VirtualService } from '../../model/virtual-service.ts';
import { compare, readCidr } from '../../net/address.ts';
import { familyOf } from '../../net/family.ts';
import { isEmpty } from '../create/refusals.ts';
import type { Minor } from '../version.ts';
import { addressOf } from './endpoint.ts';
import { exactInteger } from './exact-integer.ts';
import { presentServices } from './network-services.ts';
import { chosenOptions } from './overlay-options.ts';

/** Each pool as it was requested, completed with the choices for it; then pools that were not requested. */
function shownPools({ pools, sent = [] }: Network['ipam']): readonly SentPool[] {
  const meant = sent.map(({ subnet }) => pools.find((pool) => isSameBlock(pool.subnet, subnet)));
  const shown = sent.map((words, i) => ({
    ...meant[i],
    ...words,
    auxAddresses: { ...meant[i]?.auxAddresses, ...words.auxAddresses },
  }));
  return [...shown, ...pools.filter((pool) => !meant.includes(pool))];
}

function isSameBlock(a: string, b: string): boolean {
  const [one, other] = [readCidr(a), readCidr(b)];
  return one !== undefined && other !== undefined && compare(one, other) === 0;
}

function presentPool(pool: SentPool): object {
  return {
    Subnet: pool.subnet,
    ...(pool.ipRange && { IPRange: pool.ipRange }),
    ...(pool.gateway && { Gateway: pool.gateway }),
    ...(Object.keys(pool.auxAddresses).length > 0 && { AuxiliaryAddresses: pool.auxAddresses }),
  };
}

const cidr = (endpoint: Endpoint, family: 4 | 6): string => {
  const address = addressOf(endpoint, family);
  return address ? `${address.ip}/${address.prefix}` : '';
};

function presentMember(endpoint: Endpoint, isVerbose: boolean): readonly [string, object] {
  return [
    endpoint.containerId || `ep-${endpoint.id}`,
    {
      Name: endpoint.name,
      EndpointID: endpoint.id,
      MacAddress: endpoint.mac,
      IPv4Address: cidr(endpoint, 4),
      IPv6Address: cidr(endpoint, 6),
      // the driver's information
      ...(isVerbose && endpoint.answers?.info && { Info: endpoint.answers.info }),
    },
  ];
}

function presentIpam({ ipam, predefined, scope, overlay }: Network): object {
  const options = ipam.options;
  const configs = shownPools(ipam).map(presentPool);
  const isSwarm = scope === 'swarm';
  return {
    Driver: isSwarm && !overlay ? '' : ipam.driver || 'default',
    Options: isEmpty(options) && (predefined || isSwarm) ? null : options,
    Config: configs.length > 0 || isSwarm ? configs : null,
  };
}

/** The identifiers of a swarm's network are shown whether somebody asked for them or not. */
function presentOptions(network: Network): object | null {
  const { scope, options, overlay } = network;
  if (scope !== 'swarm') return options;
  if (!overlay) return isEmpty(options) ? null : options;
  return { ...chosenOptions(network), ...options };
}

/** Of a swarm's network that this host has no part in, Docker has neither members nor empty labels. */
function presentParts({ scope, labels }: Network, members: readonly (readonly [string, object])[]): object {
  const isElsewhere = scope === 'swarm' && members.length === 0;
  return {
    Containers: isElsewhere ? null : Object.fromEntries(members),
    Labels: isElsewhere && isEmpty(labels) ? null : labels,
  };
}

/** The `Status` of API 1.52, for clients that ask for everything (`verbose`), whatever version they speak. */
const presentStatus = (usage: readonly PoolUsage[]): object => ({ IPAM: { Subnets: presentUse(usage) } });

export const presentUse = (usage: readonly PoolUsage[]): object =>
  Object.fromEntries(
    usage.map(({ subnet, used, free }) => [
      subnet,
      { IPsInUse: exactInteger(used), DynamicIPsAvailable: exactInteger(free) },
    ]),
  );

/** An endpoint of another host has no container that this one knows. */
const presentPeer = ({ id, name, mac, addresses }: Peer): readonly [string, object] => [
  `ep-${id}`,
  {
    Name: name,
    EndpointID: id,
    MacAddress: mac,
    IPv4Address: addresses.find((address) => familyOf(address) === 4) ?? '',
    IPv6Address: addresses.find((address) => familyOf(address) === 6) ?? '',
  },
];

/** The hosts that have endpoints on it. */
const presentHost = ({ name, data4, data6 }: Node): object => ({ Name: name, IP: data4 ?? data6 ?? '' });

/** A network with the given members; the list shows none (since 1.28). */
export function presentNetwork(
  network: Network,
  options: {
    readonly version: Minor;
    readonly members: NetworkDetail['endpoints'];
    /** Of a network of the cluster. */
    readonly peers?: readonly Peer[];
    readonly hosts?: readonly Node[];
    /** Of a swarm, that are on it; absent unless requested, as the next. */
    readonly services?: readonly VirtualService[];
    readonly usage?: readonly PoolUsage[];
  },
): object {
  return {
    Name: network.name,
    Id: network.id,
    Created: network.created,
    Scope: network.scope,
    Driver: network.driver,
    EnableIPv4: network.enableIPv4,
    EnableIPv6: network.enableIPv6,
    IPAM: presentIpam(network),
    Internal: network.internal,
    Attachable: network.attachable,
    Ingress: network.ingress,
    ConfigFrom: { Network: network.configFrom },
    ConfigOnly: network.configOnly,
    Options: presentOptions(network),
    ...presentParts(network, [
      ...options.members.map((member) => presentMember(member, options.usage !== undefined)),
      // only its own node shows an endpoint of a swarm's network, as with Docker
      ...(network.scope === 'swarm' ? [] : (options.peers ?? [])).map(presentPeer),
    ]),
    ...(options.hosts && options.hosts.length > 0 && { Peers: options.hosts.map(presentHost) }),
    ...(options.usage && { Status: presentStatus(options.usage) }),
    ...(options.services && options.services.length > 0 && presentServices(options.services, options)),
  };
}
