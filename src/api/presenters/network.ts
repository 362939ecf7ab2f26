/** Networks: list entries and inspect (Docker Engine API 1.50). */
import type { NetworkDetail, PoolUsage } from '../../engine/verbs.ts';
import type { Pool } from '../../ipam/pool.ts';
import type { Endpoint } from '../../model/endpoint.ts';
import type { Network } from '../../model/network.ts';
import type { Minor } from '../version.ts';
import { addressOf } from './endpoint.ts';
import { exactInteger } from './exact-integer.ts';

function presentPool(pool: Pool): object {
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

function presentMember(endpoint: Endpoint): readonly [string, object] {
  return [
    endpoint.containerId || `ep-${endpoint.id}`,
    {
      Name: endpoint.name,
      EndpointID: endpoint.id,
      MacAddress: endpoint.mac,
      IPv4Address: cidr(endpoint, 4),
      IPv6Address: cidr(endpoint, 6),
    },
  ];
}

function presentIpam({ ipam, predefined }: Network): object {
  const options = Object.keys(ipam.options).length === 0 && predefined ? null : ipam.options;
  return { Driver: ipam.driver || 'default', Options: options, Config: ipam.pools.map(presentPool) };
}

/** The `Status` of API 1.52, for those who ask for everything (`verbose`), whatever version they speak. */
const presentStatus = (usage: readonly PoolUsage[]): object => ({
  IPAM: {
    Subnets: Object.fromEntries(
      usage.map(({ subnet, used, free }) => [
        subnet,
        { IPsInUse: exactInteger(used), DynamicIPsAvailable: exactInteger(free) },
      ]),
    ),
  },
});

/** A network with the given members; the list shows none (since 1.28). */
export function presentNetwork(
  network: Network,
  options: {
    readonly version: Minor;
    readonly members: NetworkDetail['endpoints'];
    /** Absent where it is not asked for. */
    readonly usage?: readonly PoolUsage[];
  },
): object {
  return {
    Name: network.name,
    Id: network.id,
    Created: network.created,
    Scope: network.scope,
    Driver: network.driver,
    ...(options.version >= 48 && { EnableIPv4: network.enableIPv4 }),
    EnableIPv6: network.enableIPv6,
    IPAM: presentIpam(network),
    Internal: network.internal,
    Attachable: network.attachable,
    Ingress: network.ingress,
    ConfigFrom: { Network: network.configFrom },
    ConfigOnly: network.configOnly,
    Containers: Object.fromEntries(options.members.map(presentMember)),
    Options: network.options,
    Labels: network.labels,
    ...(options.usage && { Status: presentStatus(options.usage) }),
  };
}
