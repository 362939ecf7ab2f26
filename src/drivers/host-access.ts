/**
 * Access of the host to its macvlan endpoints (`-o seaway.host_access=true`). The kernel passes no frames between
 * a macvlan and its parent (`drivers/net/macvlan.c`), so the host gets a macvlan itself, the shim, with an address
 * of the network and a route to each endpoint.
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

const option = 'seaway.host_access';

/** Throws NETWORK_OPTION_INVALID. */
export const readHostAccess = (options: Options): boolean => readBoolean(options, option, false);

/** What of a network's options concerns it. */
interface AccessOptions {
  readonly hostAccess: boolean;
  readonly mode: string;
  readonly mtu: number;
}

type AccessNetwork = Network<AccessOptions>;

/** In the other modes siblings on a parent cannot reach each other, and so not the shim. Throws NETWORK_OPTION_INVALID. */
export function validateHostAccess({ hostAccess, mode }: AccessOptions): void {
  if (hostAccess && mode !== 'bridge')
    throw fail('NETWORK_OPTION_INVALID', `${option} needs macvlan_mode bridge, not ${mode}`);
}

const shimName = (networkId: string): string => `mh-${networkId.slice(0, 12)}`;

export const macvlanHostAccess: HostAccess<AccessOptions> = {
  addressName: 'host',
  link: ({ id, parsed }) => (parsed.driver.hostAccess ? shimName(id) : ''),
  wanted: ({ hostAccess }) => hostAccess,
  planRoutes: (network, endpoints) => planHostRoutes(network, shimName(network.id), endpoints),
};

/** The shim and its addresses, which the network's pools reserve under the name `host`. */
export function planShim(network: AccessNetwork, facts: Facts): readonly KernelObject[] {
  const { hostAccess, mtu } = network.parsed.driver;
  if (!hostAccess) return [];
  const name = shimName(network.id);
  return [
    {
      kind: 'link',
      type: 'macvlan',
      ns: 'host',
      name,
      owner: networkOwner(network.id),
      mtu,
      mac: markedMac('network', network.id),
      parent: network.link,
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
    // answers ARP for its own address only: hosts on the wire must find this host at the parent link
    [`net/ipv4/conf/${name}/arp_ignore`]: '1',
    [`net/ipv4/conf/${name}/arp_announce`]: '2',
    ...(facts.ipv6 && {
      [`net/ipv6/conf/${name}/disable_ipv6`]: network.enableIPv6 ? '0' : '1',
      ...(network.enableIPv6 && { [`net/ipv6/conf/${name}/accept_ra`]: '0' }),
    }),
  };
}

/** The host's addresses in a network with host access, without prefix length. */
export const hostAddresses = (network: Network): readonly string[] =>
  families.flatMap((family) => {
    const pool = poolsOf(network, family).find(({ auxAddresses }) => auxAddresses.host);
    return pool?.auxAddresses.host ?? [];
  });

/** The host's routes over the shim, sorted by address; link-local addresses belong to no pool and get none. */
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
