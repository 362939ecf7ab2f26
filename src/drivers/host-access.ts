/**
 * The host and its own macvlan endpoints (`-o seaway.host_access=true`). The kernel lets no frame pass between
 * a macvlan and the link that it hangs on (Documentation/networking, `drivers/net/macvlan.c`), so that the host
 * gets its own macvlan, the shim, an address in the network, and by the shim a route to each endpoint.
 */
import { fail } from '../errors.ts';
import type { HostAccess } from '../model/driver.ts';
import type { Network } from '../model/network.ts';
import { type Options, readBoolean } from '../model/option-values.ts';
import { poolContaining, poolsOf } from '../model/pools.ts';
import { bare, blockOfOne, compare, parseCidr } from '../net/address.ts';
import { families } from '../net/family.ts';
import type { Facts, KernelObject, RouteObject } from '../objects/object.ts';
import { markedMac, networkOwner } from '../objects/owner.ts';
import { readMtu } from './options.ts';

const option = 'seaway.host_access';

export const wantsHostAccess = (options: Options): boolean => readBoolean(options, option, false);

/** Endpoints in another mode hear no neighbour on the link, the shim as little. Throws NETWORK_OPTION_INVALID. */
export function validateHostAccess(options: Options, mode: string): void {
  if (wantsHostAccess(options) && mode !== 'bridge')
    throw fail('NETWORK_OPTION_INVALID', `${option} needs macvlan_mode bridge, not ${mode}`);
}

const shimName = (networkId: string): string => `mh-${networkId.slice(0, 12)}`;

export const macvlanHostAccess: HostAccess = {
  addressName: 'host',
  link: ({ id, options }) => (wantsHostAccess(options) ? shimName(id) : ''),
  wanted: wantsHostAccess,
  planRoutes: (network, endpoints) => planHostRoutes(network, shimName(network.id), endpoints),
};

/** The shim and its addresses, which the network has reserved for it under the name `host`. */
export function planShim(network: Network, parent: string, facts: Facts): readonly KernelObject[] {
  if (!wantsHostAccess(network.options)) return [];
  const name = shimName(network.id);
  return [
    {
      kind: 'link',
      type: 'macvlan',
      ns: 'host',
      name,
      owner: networkOwner(network.id),
      mtu: readMtu(network.options),
      mac: markedMac('network', network.id),
      parent,
      mode: 'bridge',
    },
    ...Object.entries(shimSysctls(network, name, facts)).map(
      ([key, value]): KernelObject => ({ kind: 'sysctl', ns: 'host', key, value }),
    ),
    ...hostAddresses(network).map(
      (address): KernelObject => ({
        kind: 'address',
        ns: 'host',
        link: name,
        address: blockOfOne(address),
      }),
    ),
  ];
}

function shimSysctls(network: Network, name: string, facts: Facts): Readonly<Record<string, string>> {
  return {
    // it answers for its own address alone: others on the wire must find the host at its own link
    [`net/ipv4/conf/${name}/arp_ignore`]: '1',
    [`net/ipv4/conf/${name}/arp_announce`]: '2',
    ...(facts.ipv6 && {
      [`net/ipv6/conf/${name}/disable_ipv6`]: network.enableIPv6 ? '0' : '1',
      ...(network.enableIPv6 && { [`net/ipv6/conf/${name}/accept_ra`]: '0' }),
    }),
  };
}

/** The host's own addresses in a network that has the option, without prefix length. */
export const hostAddresses = (network: Network): readonly string[] =>
  families.flatMap((family) => {
    const pool = poolsOf(network, family).find(({ auxAddresses }) => auxAddresses.host);
    return pool?.auxAddresses.host ?? [];
  });

/** Routes of the host to endpoints' addresses by a link, by address; link-local ones are of no pool and have none. */
const planHostRoutes = (
  network: Network,
  link: string,
  endpoints: Iterable<{ readonly addresses: readonly string[] }>,
): readonly RouteObject[] =>
  Array.from(endpoints)
    .flatMap(({ addresses }) => addresses.filter((address) => poolContaining(network, address)))
    .map((address) => blockOfOne(bare(address)))
    .sort((a, b) => compare(parseCidr(a), parseCidr(b)))
    .map((destination): RouteObject => ({ kind: 'route', ns: 'host', destination, link, gateway: '' }));
