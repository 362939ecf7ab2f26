/** Making links, by type. */
import { fail } from '../../errors.ts';
import type { LinkSpec } from '../../kernel/kernel.ts';
import { type NamespaceRef, placeOf } from '../../objects/namespace-ref.ts';
import type { AdoptedLink, LinkObject, VethLink } from '../../objects/object.ts';
import { isMarked, isOurs } from '../../objects/owner.ts';
import { indexOf, type Place } from '../place.ts';

type MadeLink = Exclude<LinkObject, AdoptedLink>;
type OfType<T extends MadeLink['type']> = Extract<MadeLink, { type: T }>;

interface Common {
  readonly name: string;
  readonly alias: string;
  readonly mtu?: number;
  readonly mac?: string;
  readonly up: true;
}

const common = ({ name, owner, mtu, mac }: LinkObject): Common => ({
  name,
  alias: owner,
  up: true,
  ...(mtu ? { mtu } : {}),
  ...(mac ? { mac } : {}),
});

interface Making {
  readonly link: LinkObject;
  readonly place: Place;
}

const indexIn = (ns: NamespaceRef, name: string, { link, place }: Making): number =>
  indexOf(place, { ns, link: name, doing: `create ${link.type} link "${link.name}"` });

const hostIndex = (place: Place, name: string, link: LinkObject): number =>
  indexIn('host', name, { link, place });

const specs: { readonly [T in MadeLink['type']]: (link: OfType<T>, place: Place) => LinkSpec } = {
  loopback({ ns }) {
    throw fail('BUG', `the namespace of ${ns} has no loopback link`);
  },
  bridge: (link) => ({ ...common(link), type: 'bridge' }),
  dummy: (link) => ({ ...common(link), type: 'dummy' }),
  vlan: (link, place) => ({
    ...common(link),
    type: 'vlan',
    parent: hostIndex(place, link.parent, link),
    vlan: link.vlan,
  }),
  vxlan: (link, place) => ({
    ...common(link),
    type: 'vxlan',
    vni: link.vni,
    port: link.port,
    learning: false,
    ...(link.proxy ? { proxy: true } : {}),
    ...(link.local ? { local: link.local } : {}),
    ...(link.ns === 'host' ? {} : { namespace: place.namespace(link.ns) }),
  }),
  veth: (link, place) => ({
    ...common(link),
    type: 'veth',
    master: indexIn(link.ns, link.master, { link, place }),
    peer: peerSpec(link, place),
  }),
  macvlan: (link, place) => ({
    ...common(link),
    type: 'macvlan',
    parent: hostIndex(place, link.parent, link),
    mode: link.mode,
    namespace: place.namespace(link.ns),
  }),
  ipvlan: (link, place) => ({
    ...common(link),
    type: 'ipvlan',
    parent: hostIndex(place, link.parent, link),
    mode: link.mode,
    flag: link.flag,
    namespace: place.namespace(link.ns),
  }),
};

const peerSpec = (
  { owner, mtu, peer }: VethLink,
  place: Place,
): Extract<LinkSpec, { type: 'veth' }>['peer'] => ({
  name: peer.name,
  alias: owner,
  up: true,
  mac: peer.mac,
  ...(mtu ? { mtu } : {}),
  namespace: place.namespace(peer.ns),
});

const specOf = <T extends MadeLink['type']>(link: OfType<T> & { type: T }, place: Place): LinkSpec =>
  specs[link.type](link, place);

/**
 * Namespace, name and owner by one request, so that a link is never in a sandbox without an owner. The kernel moves it
 * first (do_setlink of net/core/rtnetlink.c): where the rest is refused it is moved back. Whoever names the link may
 * be wrong: one that the engine has made for others is never taken.
 */
function adopt(link: AdoptedLink, place: Place): void {
  const { kernel } = place;
  const lent = kernel.host.route.findLink(link.from);
  if (lent && (isOurs(lent.alias) || isMarked(lent)))
    throw fail('KERNEL', `adopt link "${link.from}"`, 'it is the engine’s own');
  const namespace = place.namespace(link.ns);
  const before = new Set(namespace.route.listLinks().map(({ index }) => index));
  try {
    kernel.host.route.changeLink(hostIndex(place, link.from, link), { namespace, ...common(link) });
  } catch (error) {
    const moved = namespace.route.listLinks().find(({ index }) => !before.has(index));
    if (moved) namespace.route.changeLink(moved.index, { namespace: kernel.host, name: link.from });
    throw error;
  }
}

const ipv6Off = 'net/ipv6/conf/default/disable_ipv6';

/**
 * Runs `make` so that links that it brings into the namespace begin without IPv6: a link takes the state of
 * `conf/default` when it is registered (addrconf_notify of net/ipv6/addrconf.c), and would have a link-local
 * address, and ask for neighbours, before its own value can be written.
 */
function withoutIpv6(ns: NamespaceRef, place: Place, make: () => void): void {
  const namespace = place.namespace(ns);
  if (placeOf(ns).of !== 'sandbox' || namespace.readSysctl(ipv6Off) !== '0') {
    make();
    return;
  }
  namespace.writeSysctl(ipv6Off, '1');
  try {
    make();
  } finally {
    namespace.writeSysctl(ipv6Off, '0');
  }
}

/** Types that are made from the host, where their parent or their outer side is, and born in their namespace. */
const bornElsewhere: ReadonlySet<LinkObject['type']> = new Set(['macvlan', 'ipvlan', 'vlan', 'vxlan']);

export function makeLink(link: LinkObject, place: Place): void {
  if (link.type === 'adopted') {
    withoutIpv6(link.ns, place, () => adopt(link, place));
    return;
  }
  const { route } = place.namespace(link.ns);
  const maker = bornElsewhere.has(link.type) ? place.kernel.host.route : route;
  const inner = link.type === 'veth' ? link.peer.ns : link.ns;
  withoutIpv6(inner, place, () => maker.createLink(specOf(link, place)));
  const indexOfLink = (name: string): number => indexIn(link.ns, name, { link, place });
  if (link.type === 'vxlan' && link.master)
    route.changeLink(indexOfLink(link.name), { master: indexOfLink(link.master) });
  if (link.type !== 'veth' || !(link.hairpin || link.isolated)) return;
  const { hairpin, isolated } = link;
  route.changeLink(indexOfLink(link.name), { port: { hairpin, isolated } });
}
