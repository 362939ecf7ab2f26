/** Links as they are found: those of the host that are wanted, and all of a sandbox. */
import type { Link } from '../../kernel/kernel.ts';
import type { NamespaceRef, VethLink } from '../../objects/object.ts';
import type { ObservedLink } from '../../objects/observed.ts';
import type { Place } from '../place.ts';
import type { Inside, ScopeView } from './kind.ts';

export function observeLinks({ place, hostLinks, inside }: ScopeView): readonly ObservedLink[] {
  const peers = new Set<number>();
  const onHost = hostLinks.map(({ wanted, link }): ObservedLink => {
    const found = describeLink(link, { ns: 'host', ...namesOf(link, place) });
    const peer = wanted.type === 'veth' ? peerOf(link, wanted.peer, { place, inside }) : undefined;
    if (wanted.type !== 'veth' || !peer) return found;
    if (wanted.peer.ns !== 'host') peers.add(peer.index);
    return { ...found, peer: { ns: wanted.peer.ns, ...ends(peer) } };
  });
  const within = inside?.links.filter(({ index }) => !peers.has(index)) ?? [];
  const ns = inside?.ns ?? '';
  return [
    ...onHost,
    ...within.map((link) => describeLink(link, { ns, master: '', parent: parentName(place, link) })),
  ];
}

/** A link of the host that no scope wants. */
export const describeHostLink = (link: Link, place: Place): ObservedLink =>
  describeLink(link, { ns: 'host', ...namesOf(link, place) });

interface Names {
  readonly master: string;
  readonly parent: string;
}

const namesOf = (link: Link, place: Place): Names => ({
  master: link.master ? (place.kernel.host.route.findLinkByIndex(link.master)?.name ?? '') : '',
  parent: parentName(place, link),
});

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

function describeLink(link: Link, names: Names & { readonly ns: NamespaceRef }): ObservedLink {
  const { type, port } = link;
  const flags = { hairpin: port?.hairpin ?? false, isolated: port?.isolated ?? false };
  return { kind: 'link', type, ...ends(link), ...names, ...flags };
}
