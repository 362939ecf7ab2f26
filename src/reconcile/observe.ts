/** Reading one scope: the host's links that are wanted, by name, and everything in one sandbox. */
import { type Link, type Namespace, type Route, type RouteSocket, seawayProtocol } from '../kernel/kernel.ts';
import type { KernelObject, NamespaceRef, VethLink } from '../objects/object.ts';
import type { ObservedAddress, ObservedLink, ObservedObject, ObservedRoute } from '../objects/observed.ts';
import { holdsWithoutIPv6, linkOfSysctl } from '../objects/sysctl.ts';
import type { Place } from './place.ts';

/** What is looked at: the desired objects say which links of the host, `sandbox` whose inside. */
export interface Look {
  readonly desired: readonly KernelObject[];
  readonly sandbox?: NamespaceRef;
}

export function observe(place: Place, { desired, sandbox }: Look): readonly ObservedObject[] {
  const inside = sandbox === undefined ? undefined : lookInside(place, sandbox);
  const host = lookAtHost(place, desired, inside);
  return [
    ...host.objects,
    ...(inside ? inside.links.filter((link) => !host.peers.has(link.index)).map(inside.describe) : []),
    ...(inside?.rest ?? []),
    ...sysctls(place, desired),
  ];
}

interface Inside {
  readonly ns: NamespaceRef;
  readonly links: readonly Link[];
  describe(link: Link): ObservedLink;
  readonly rest: readonly ObservedObject[];
}

function lookInside(place: Place, ns: NamespaceRef): Inside {
  const namespace = place.namespace(ns);
  const links = namespace.route.listLinks();
  const byIndex = new Map(links.map((link) => [link.index, link]));
  return {
    ns,
    links,
    describe: (link) => describeLink(link, { ns, master: '', parent: parentName(place, link) }),
    rest: [
      ...namespace.route.listAddresses().flatMap((address) => {
        const link = byIndex.get(address.link);
        return link ? [describeAddress(address, link, ns)] : [];
      }),
      ...routes(namespace, byIndex, ns),
    ],
  };
}

const routes = (
  { route }: Namespace,
  byIndex: ReadonlyMap<number, Link>,
  ns: NamespaceRef,
): readonly ObservedRoute[] =>
  route.listRoutes().map((found) => describeRoute(found, byIndex.get(found.link ?? 0)?.name ?? '', ns));

/** Of the host's only those by a link of the engine's are looked at. */
const routesBy = (route: RouteSocket, { index, name }: Link): readonly ObservedRoute[] =>
  route.listRoutes({ link: index }).map((found) => describeRoute(found, name, 'host'));

const describeRoute = (
  { destination, gateway, protocol }: Route,
  link: string,
  ns: NamespaceRef,
): ObservedRoute => ({
  kind: 'route',
  ns,
  destination,
  link,
  gateway: gateway ?? '',
  ours: protocol === seawayProtocol,
});

interface HostSight {
  readonly objects: readonly ObservedObject[];
  /** Indices of the links inside that are the other ends of pairs. */
  readonly peers: ReadonlySet<number>;
}

function lookAtHost(place: Place, desired: readonly KernelObject[], inside: Inside | undefined): HostSight {
  const { route } = place.kernel.host;
  const objects: ObservedObject[] = [];
  const peers = new Set<number>();
  for (const wanted of desired) {
    if (wanted.kind !== 'link' || wanted.ns !== 'host') continue;
    const link = route.findLink(wanted.name);
    if (!link) continue;
    const peer = wanted.type === 'veth' ? peerOf(link, wanted.peer, { place, inside }) : undefined;
    if (peer && wanted.type === 'veth' && wanted.peer.ns !== 'host') peers.add(peer.index);
    const master = link.master ? (route.findLinkByIndex(link.master)?.name ?? '') : '';
    objects.push({
      ...describeLink(link, { ns: 'host', master, parent: parentName(place, link) }),
      ...(peer && wanted.type === 'veth' ? { peer: { ns: wanted.peer.ns, ...ends(peer) } } : {}),
    });
    if (wanted.type === 'macvlan') objects.push(...routesBy(route, link));
    if (link.type === 'bridge' || wanted.type === 'macvlan')
      objects.push(
        ...route.listAddresses(link.index).map((address) => describeAddress(address, link, 'host')),
      );
  }
  return { objects, peers };
}

/** Two ends are a pair if each names the other (IFLA_LINK); a name may have been given to another link. */
function peerOf(
  link: Link,
  { ns, name }: VethLink['peer'],
  { place, inside }: { readonly place: Place; readonly inside: Inside | undefined },
): Link | undefined {
  const end =
    ns === 'host'
      ? place.kernel.host.route.findLink(name)
      : inside?.links.find((other) => other.name === name && other.index === link.parent);
  return end?.index === link.parent && end.parent === link.index ? end : undefined;
}

const ends = ({ name, mac, mtu, up, alias }: Link): Pick<Link, 'name' | 'mac' | 'mtu' | 'up' | 'alias'> => ({
  name,
  mac,
  mtu,
  up,
  alias,
});

/** Name of the host's link that another hangs on; a pair has no parent. */
const parentName = (place: Place, { type, parent }: Link): string =>
  type === '' || type === 'veth' || parent === 0
    ? ''
    : (place.kernel.host.route.findLinkByIndex(parent)?.name ?? '');

function describeLink(
  link: Link,
  names: { readonly ns: NamespaceRef; readonly master: string; readonly parent: string },
): ObservedLink {
  const { type, port } = link;
  const flags = { hairpin: port?.hairpin ?? false, isolated: port?.isolated ?? false };
  return { kind: 'link', type, ...ends(link), ...names, ...flags };
}

const describeAddress = (
  { address, scope }: { address: string; scope: ObservedAddress['scope'] },
  link: Link,
  ns: NamespaceRef,
): ObservedAddress => ({
  kind: 'address',
  ns,
  link: link.name,
  address,
  scope,
  linkType: link.type,
  alias: link.alias,
});

/** Only those that are wanted are read. */
function sysctls(place: Place, desired: readonly KernelObject[]): ObservedObject[] {
  return desired.flatMap((object) => {
    if (object.kind !== 'sysctl') return [];
    const namespace = place.namespace(object.ns);
    const value = namespace.readSysctl(object.key);
    if (value !== undefined) return [{ ...object, value }];
    const link = holdsWithoutIPv6(object) ? linkOfSysctl(object.key) : '';
    return link !== '' && namespace.route.findLink(link) ? [object] : [];
  });
}
