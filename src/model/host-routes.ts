/** Conflicts of the host's routes with subnets of networks. */
import { formatCidr, network, overlaps, readCidr } from '../net/address.ts';
import { familyOf, width } from '../net/family.ts';
import type { DriverTable } from './driver.ts';
import type { Network } from './network.ts';
import type { Node } from './node.ts';
import type { View } from './tables.ts';

export interface HostRoute {
  /** CIDR. */
  readonly destination: string;
  /** Name of the link that it leads to, or ''. */
  readonly link: string;
}

/** A subnet of a network that the host routes elsewhere, or a part of it. */
export interface RouteConflict {
  readonly network: Network;
  readonly subnet: string;
  readonly route: HostRoute;
}

/** The host forwards for it, by a link that is the network's own. Not where its options cannot be read. */
export const isOnHost = (drivers: DriverTable, { driver, configOnly, link, parsed }: Network): boolean =>
  link !== '' && !configOnly && parsed.invalid === undefined && drivers.find(driver).forwarding !== undefined;

/** Whether a separate program makes the network's links. */
export const isDrivenElsewhere = (drivers: DriverTable, { driver, configOnly }: Network): boolean =>
  !configOnly && drivers.find(driver).asking !== undefined;

/** Whether a link's routes belong to a network. Not for the parent of a macvlan, whose routes are the host's. */
export const isOwnLink = (view: Pick<View, 'networksOfLink' | 'drivers'>, link: string): boolean =>
  view.networksOfLink(link).some((network) => network.link === link && isOnHost(view.drivers, network));

/**
 * A default route lays claim to no address; neither do the halves `0.0.0.0/1` and `128.0.0.0/1` by which
 * VPNs take its place without replacing it (OpenVPN's `redirect-gateway def1`).
 */
export const isDefaultRoute = ({ destination }: Pick<HostRoute, 'destination'>): boolean =>
  (readCidr(destination)?.prefix ?? 0) <= 1;

/** Overlapping pairs of a network's subnet and a route of another program. Fast if there are none. */
export function routeConflicts(
  view: Pick<View, 'all' | 'leases' | 'drivers'>,
  routes: readonly HostRoute[],
): readonly RouteConflict[] {
  const blocks = routes.flatMap((route) => {
    const block = isDefaultRoute(route) ? undefined : readCidr(route.destination);
    return block && view.leases.subnets[familyOf(route.destination)].overlaps(block)
      ? [{ route, block }]
      : [];
  });
  if (blocks.length === 0) return [];
  return Array.from(view.all('networks'))
    .filter((network) => isOnHost(view.drivers, network))
    .flatMap((network) => network.ipam.pools.map(({ subnet }) => ({ network, subnet })))
    .flatMap(({ network, subnet }) => {
      const mine = readCidr(subnet);
      return blocks.flatMap(({ route, block }) =>
        mine && overlaps(mine, block) ? [{ network, subnet, route }] : [],
      );
    });
}

/** The most that a host reports of its routes (`Node.routes`). */
const mostReported = 128;

/** Of others' routes those that hosts of a cluster tell each other; the largest blocks where they are too many. */
export function reportedRoutes(routes: readonly HostRoute[]): readonly string[] {
  const blocks = routes.flatMap((route) => {
    const block = isDefaultRoute(route) ? undefined : readCidr(route.destination);
    return block && block.prefix < width(block.version) ? [block] : [];
  });
  const texts = blocks
    .toSorted((a, b) => a.prefix - b.prefix || (a.value < b.value ? -1 : 1))
    .map((block) => formatCidr(network(block)));
  return [...new Set(texts)].slice(0, mostReported);
}

/** What hosts of the cluster route elsewhere: a container there may want to reach it. */
export const routedByHosts = (view: Pick<View, 'all'>): readonly string[] =>
  Array.from(view.all('nodes')).flatMap(({ routes = [] }) => routes);

/** A subnet of a network of the cluster, a route that overlaps with it, and the hosts that have the route. */
export interface ReportedConflict {
  readonly subnet: string;
  readonly destination: string;
  readonly hosts: readonly string[];
}

/** Harmless for the network itself, whose addresses no host routes. */
export function reportedConflicts(
  { ipam }: Pick<Network, 'ipam'>,
  nodes: Iterable<Pick<Node, 'name' | 'routes'>>,
): readonly ReportedConflict[] {
  const found = new Map<string, { subnet: string; destination: string; hosts: string[] }>();
  for (const { name, routes = [] } of nodes)
    for (const destination of routes)
      for (const { subnet } of ipam.pools) {
        const [mine, route] = [readCidr(subnet), readCidr(destination)];
        if (!mine || !route || !overlaps(mine, route)) continue;
        const key = `${subnet} ${destination}`;
        const known = found.get(key);
        if (known) known.hosts.push(name);
        else found.set(key, { subnet, destination, hosts: [name] });
      }
  return [...found.values()];
}
