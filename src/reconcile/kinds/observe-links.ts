/** Observes links: wanted ones of the host, and all of a scope's own namespaces. */
import type { Link, Namespace } from '../../kernel/kernel.ts';
import type { NamespaceRef } from '../../objects/namespace-ref.ts';
import type { VethLink } from '../../objects/object.ts';
import type { ObservedLink } from '../../objects/observed.ts';
import type { Handles } from '../handles.ts';
import type { ScopeView } from './kind.ts';

export function observeLinks({ handles, outside, inside }: ScopeView): readonly ObservedLink[] {
  /** Inner ends of pairs, which are part of the outer one's description. */
  const peers = new Set<Link>();
  const wanted = outside.map((one): ObservedLink => {
    const { ns, type } = one.wanted;
    const found = describeLink(one.link, { ns, ...namesOf(one.link, one.namespace, handles) });
    const peer = type === 'veth' ? peerOf(one.link, one.wanted.peer, { handles, inside }) : undefined;
    if (one.wanted.type !== 'veth' || !peer) return found;
    peers.add(peer);
    return { ...found, peer: { ns: one.wanted.peer.ns, ...ends(peer) } };
  });
  const within = inside.flatMap(({ ns, namespace, links }) =>
    links
      .filter((link) => !peers.has(link))
      .map((link) => describeLink(link, { ns, ...namesOf(link, namespace, handles) })),
  );
  return [...wanted, ...within];
}

/** A link of the host that no scope wants. */
export const describeHostLink = (link: Link, handles: Handles): ObservedLink =>
  describeLink(link, { ns: 'host', ...namesOf(link, handles.kernel.host, handles) });

interface Names {
  readonly master: string;
  readonly parent: string;
}

const namesOf = (link: Link, { route }: Namespace, handles: Handles): Names => ({
  master: link.master ? (route.findLinkByIndex(link.master)?.name ?? '') : '',
  parent: parentName(handles, link),
});

/** The other end of a pair: each must name the other (IFLA_LINK), because the name may now be another link's. */
function peerOf(
  link: Link,
  { ns, name }: VethLink['peer'],
  { handles, inside }: Pick<ScopeView, 'handles' | 'inside'>,
): Link | undefined {
  const end =
    ns === 'host'
      ? handles.kernel.host.route.findLink(name)
      : inside
          .find((one) => one.ns === ns)
          ?.links.find((other) => other.name === name && other.index === link.parent);
  return end?.index === link.parent && end.parent === link.index ? end : undefined;
}

const ends = ({ name, mac, mtu, up, alias }: Link): Pick<Link, 'name' | 'mac' | 'mtu' | 'up' | 'alias'> => ({
  name,
  mac,
  mtu,
  up,
  alias,
});

/** Name of a link's parent on the host; '' for a pair. */
const parentName = (handles: Handles, { type, parent }: Link): string =>
  type === '' || type === 'veth' || parent === 0
    ? ''
    : (handles.kernel.host.route.findLinkByIndex(parent)?.name ?? '');

function describeLink(link: Link, names: Names & { readonly ns: NamespaceRef }): ObservedLink {
  const { type, port, fixed } = link;
  const flags = { hairpin: port?.hairpin ?? false, isolated: port?.isolated ?? false };
  return { kind: 'link', type, ...ends(link), ...names, ...flags, ...(fixed && { fixed }) };
}
