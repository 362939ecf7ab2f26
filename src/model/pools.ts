/** Gateways of a network's pools. */

import type { Pool } from '../ipam/pool.ts';
import { bare, contains, readAddress, readCidr } from '../net/address.ts';
import { type Family, familyOf } from '../net/family.ts';
import type { Network } from './network.ts';

/** The pools of one family. */
export const poolsOf = ({ ipam }: Network, family: Family): readonly Pool[] =>
  ipam.pools.filter(({ subnet }) => familyOf(subnet) === family);

export const enabled = (network: Network, family: Family): boolean =>
  family === 4 ? network.enableIPv4 : network.enableIPv6;

/** The pool that an address stands in. */
export function poolContaining(network: Network, address: string): Pool | undefined {
  const inner = readAddress(bare(address));
  return network.ipam.pools.find(({ subnet }) => {
    const outer = readCidr(subnet);
    return inner !== undefined && outer !== undefined && contains(outer, inner);
  });
}

/** A pool's gateway with the pool's prefix length; undefined where it has none. */
export const gatewayCidr = ({ gateway, subnet }: Pool): string | undefined =>
  gateway ? `${gateway}/${subnet.split('/')[1]}` : undefined;

/**
 * Where an address's default route leads: the pool's gateway, unless another was named for containers
 * (`--default-gateway`, kept by Docker as an auxiliary address).
 */
export function gatewayOf(network: Network, address: string): string | undefined {
  const pool = poolContaining(network, address);
  return pool?.auxAddresses[`DefaultGatewayIPv${familyOf(address)}`] ?? pool?.gateway;
}

/** Whether the network has a gateway to lead out by. */
export const hasGateway = (network: Network, family: Family): boolean =>
  !network.internal &&
  enabled(network, family) &&
  poolsOf(network, family).some(({ gateway }) => Boolean(gateway));
