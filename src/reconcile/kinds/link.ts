/** Links: made, changed in place, removed off the event loop. */
import { fail } from '../../errors.ts';
import type { BridgePort, Link, LinkChange, RouteSocket } from '../../kernel/kernel.ts';
import type { Difference } from '../../objects/kind.ts';
import { type NamespaceRef, parseNamespace } from '../../objects/namespace-ref.ts';
import type { LinkObject } from '../../objects/object.ts';
import type { ObservedLink } from '../../objects/observed.ts';
import { parseOwner } from '../../objects/owner.ts';
import { type Handles, indexOf } from '../handles.ts';
import type { ActiveKind, Change } from './kind.ts';
import { makeLink } from './make-link.ts';
import { observeLinks } from './observe-links.ts';

export const link: ActiveKind<'link'> = { observe: observeLinks, make: makeLink, change, remove };

function change({ object, differences }: Change<'link'>, handles: Handles): void {
  const own = differences.filter(({ field }) => !field.startsWith('peer.'));
  const peer = differences.filter(({ field }) => field.startsWith('peer.'));
  const doing = `change link "${object.name}"`;
  if (own.length > 0) {
    const index = indexOf(handles, { ns: object.ns, link: object.name, doing });
    handles.namespace(object.ns).route.changeLink(index, changesOf(object, own, handles));
    if (own.some(({ field }) => field === 'mac')) announceAll(object.ns, object.name, handles);
  }
  if (peer.length > 0 && object.type === 'veth') {
    const { ns, name, mac } = object.peer;
    const changes: LinkChange = Object.assign(
      {},
      ...peer.map(({ field }) => peerChanges(object.mtu, mac)[field] ?? {}),
    );
    handles.namespace(ns).route.changeLink(indexOf(handles, { ns, link: name, doing }), changes);
    if (peer.some(({ field }) => field === 'peer.mac')) announceAll(ns, name, handles);
  }
}

/** Neighbours may have cached the former MAC address. */
function announceAll(ns: NamespaceRef, name: string, handles: Handles): void {
  if (parseNamespace(ns).of !== 'sandbox') return;
  const { route } = handles.namespace(ns);
  for (const { address } of route.listAddresses(route.findLink(name)?.index ?? 0))
    handles.announce({ ns, link: name, address });
}

const peerChanges = (mtu: number, mac: string): Readonly<Record<string, LinkChange>> => ({
  'peer.mac': { mac },
  'peer.mtu': { mtu },
  'peer.up': { up: true },
});

function changesOf(object: LinkObject, differences: readonly Difference[], handles: Handles): LinkChange {
  const port: { -readonly [F in keyof BridgePort]?: BridgePort[F] } = {};
  const changes: LinkChange[] = differences.map(({ field }) => {
    if (field === 'up') return { up: true };
    if (field === 'mtu') return { mtu: object.mtu };
    if (field === 'owner') return { alias: object.owner };
    if (field === 'mac' && object.mac !== undefined) return { mac: object.mac };
    if (field === 'master' && 'master' in object)
      return { master: object.master ? masterIndex(object, handles) : 0 };
    if (object.type !== 'veth') throw fail('BUG', `${object.type} links have no ${field}`);
    // a link that has just become a port has default flags
    port.hairpin = object.hairpin;
    port.isolated = object.isolated;
    return {};
  });
  return Object.assign({}, ...changes, Object.keys(port).length > 0 ? { port } : {});
}

const masterIndex = (
  { ns, name, master }: { ns: NamespaceRef; name: string; master: string },
  handles: Handles,
): number => indexOf(handles, { ns, link: master, doing: `make link "${name}" a port` });

/** Moves an adopted link back to the host under its former name, or a name of the kernel's choice if that is taken. */
export function giveBack(
  { name, alias }: Pick<ObservedLink, 'name' | 'alias'>,
  route: RouteSocket,
  { kernel }: Pick<Handles, 'kernel'>,
): boolean {
  const from = parseOwner(alias)?.from;
  const link = from === undefined ? undefined : route.findLink(name);
  if (from === undefined || !link) return false;
  const free = kernel.host.route.findLink(from) ? 'dev%d' : from;
  route.changeLink(link.index, { namespace: kernel.host, name: free, alias: '' });
  return true;
}

/** Moves all adopted links of a namespace back to the host. */
export function giveBackAll(
  { links, route }: { readonly links: readonly Link[]; readonly route: RouteSocket },
  handles: Pick<Handles, 'kernel'>,
): void {
  for (const link of links) giveBack(link, route, handles);
}

/** Removes a pair by its end on the host, where removals are batched. */
async function remove({ ns, name, type, alias }: ObservedLink, handles: Handles): Promise<void> {
  const host = handles.kernel.host.route;
  const { route } = handles.namespace(ns);
  if (giveBack({ name, alias }, route, handles)) return undefined;
  if (ns !== 'host' && type === 'veth') {
    const end = route.findLink(name);
    const other = end && host.findLinkByIndex(end.parent);
    if (other?.type === 'veth' && other.alias === alias) return host.removeLinks([other.name]);
  }
  return route.removeLinks([name]);
}
