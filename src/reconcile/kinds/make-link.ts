/** Makes links, by type. */
import { setTimeout as delay } from 'node:timers/promises';
import { fail, hasCode } from '../../errors.ts';
import type { LinkSpec } from '../../kernel/kernel.ts';
import { type NamespaceRef, parseNamespace } from '../../objects/namespace-ref.ts';
import type { AdoptedLink, LinkObject, VethLink } from '../../objects/object.ts';
import { isMarked, isOurs } from '../../objects/owner.ts';
import { type Handles, indexOf } from '../handles.ts';

type MadeLink = Exclude<LinkObject, AdoptedLink>;
type VxlanLink = Extract<MadeLink, { type: 'vxlan' }>;
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
  readonly handles: Handles;
}

const indexIn = (ns: NamespaceRef, name: string, { link, handles }: Making): number =>
  indexOf(handles, { ns, link: name, doing: `create ${link.type} link "${link.name}"` });

const hostIndex = (handles: Handles, name: string, link: LinkObject): number =>
  indexIn('host', name, { link, handles });

const specs: { readonly [T in MadeLink['type']]: (link: OfType<T>, handles: Handles) => LinkSpec } = {
  loopback({ ns }) {
    throw fail('BUG', `the namespace of ${ns} has no loopback link`);
  },
  bridge: (link) => ({ ...common(link), type: 'bridge' }),
  dummy: (link) => ({ ...common(link), type: 'dummy' }),
  vlan: (link, handles) => ({
    ...common(link),
    type: 'vlan',
    parent: hostIndex(handles, link.parent, link),
    vlan: link.vlan,
  }),
  vxlan: (link, handles) => ({
    ...common(link),
    type: 'vxlan',
    vni: link.vni,
    port: link.port,
    learning: false,
    ...(link.proxy ? { proxy: true } : {}),
    ...(link.local ? { local: link.local } : {}),
    ...(link.ns === 'host' ? {} : { namespace: handles.namespace(link.ns) }),
  }),
  veth: (link, handles) => ({
    ...common(link),
    type: 'veth',
    master: indexIn(link.ns, link.master, { link, handles }),
    peer: peerSpec(link, handles),
  }),
  macvlan: (link, handles) => ({
    ...common(link),
    type: 'macvlan',
    parent: hostIndex(handles, link.parent, link),
    mode: link.mode,
    namespace: handles.namespace(link.ns),
  }),
  ipvlan: (link, handles) => ({
    ...common(link),
    type: 'ipvlan',
    parent: hostIndex(handles, link.parent, link),
    mode: link.mode,
    flag: link.flag,
    namespace: handles.namespace(link.ns),
  }),
};

const peerSpec = (
  { owner, mtu, peer }: VethLink,
  handles: Handles,
): Extract<LinkSpec, { type: 'veth' }>['peer'] => ({
  name: peer.name,
  alias: owner,
  up: true,
  mac: peer.mac,
  ...(mtu ? { mtu } : {}),
  namespace: handles.namespace(peer.ns),
});

const specOf = <T extends MadeLink['type']>(link: OfType<T> & { type: T }, handles: Handles): LinkSpec =>
  specs[link.type](link, handles);

/**
 * Sets namespace, name and owner by one request, so that a link is never in a sandbox without an owner. The kernel moves
 * it first (do_setlink of net/core/rtnetlink.c); if the rest is refused, it is moved back. A plugin may name any link,
 * so links of the engine are never taken.
 */
function adopt(link: AdoptedLink, handles: Handles): void {
  const { kernel } = handles;
  const lent = kernel.host.route.findLink(link.from);
  if (lent && (isOurs(lent.alias) || isMarked(lent)))
    throw fail('KERNEL', `adopt link "${link.from}"`, 'it is the engine’s own');
  const namespace = handles.namespace(link.ns);
  const before = new Set(namespace.route.listLinks().map(({ index }) => index));
  try {
    kernel.host.route.changeLink(hostIndex(handles, link.from, link), { namespace, ...common(link) });
  } catch (error) {
    const moved = namespace.route.listLinks().find(({ index }) => !before.has(index));
    if (moved) namespace.route.changeLink(moved.index, { namespace: kernel.host, name: link.from });
    throw error;
  }
}

const ipv6Off = 'net/ipv6/conf/default/disable_ipv6';

/**
 * Runs `make` so that new links in the namespace start without IPv6. A link inherits `conf/default` when it is
 * registered (addrconf_notify of net/ipv6/addrconf.c), and would get a link-local address and send solicitations
 * before its own value can be written.
 */
function withoutIpv6(ns: NamespaceRef, handles: Handles, make: () => void): void {
  const namespace = handles.namespace(ns);
  if (parseNamespace(ns).of !== 'sandbox' || namespace.readSysctl(ipv6Off) !== '0') {
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

/** Types that are made from the host, where their parent or outer side is, directly in their namespace. */
const bornElsewhere: ReadonlySet<LinkObject['type']> = new Set(['macvlan', 'ipvlan', 'vlan', 'vxlan']);

/** Milliseconds between attempts. The kernel destroys a namespace, and the tunnel in it, some time after its end. */
const pauses = [20, 50, 100, 200, 400, 800];

/** Waits for a VXLAN identifier that a namespace which is being destroyed still has. */
async function makeTunnel(link: VxlanLink, handles: Handles): Promise<void> {
  for (const pause of pauses)
    try {
      return makeOwn(link, handles);
    } catch (error) {
      if (!hasCode(error, 'VNI_TAKEN')) throw error;
      await delay(pause);
    }
  makeOwn(link, handles);
}

export function makeLink(link: LinkObject, handles: Handles): Promise<void> | void {
  if (link.type === 'adopted') return withoutIpv6(link.ns, handles, () => adopt(link, handles));
  return link.type === 'vxlan' ? makeTunnel(link, handles) : makeOwn(link, handles);
}

function makeOwn(link: MadeLink, handles: Handles): void {
  const { route } = handles.namespace(link.ns);
  const maker = bornElsewhere.has(link.type) ? handles.kernel.host.route : route;
  const inner = link.type === 'veth' ? link.peer.ns : link.ns;
  withoutIpv6(inner, handles, () => maker.createLink(specOf(link, handles)));
  const indexOfLink = (name: string): number => indexIn(link.ns, name, { link, handles });
  if (link.type === 'vxlan' && link.master)
    route.changeLink(indexOfLink(link.name), { master: indexOfLink(link.master) });
  if (link.type !== 'veth' || !(link.hairpin || link.isolated)) return;
  const { hairpin, isolated } = link;
  route.changeLink(indexOfLink(link.name), { port: { hairpin, isolated } });
}
