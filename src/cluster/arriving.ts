/** Turns changed keys of the store into changes of this host's records. Pure. */
import { isDeepStrictEqual } from 'node:util';
import type { Network } from '../model/network.ts';
import { parseAccepted } from '../model/network-options.ts';
import type { Node } from '../model/node.ts';
import type { Peer } from '../model/peer.ts';
import type { Change, View } from '../model/tables.ts';
import { contains, parseCidr, readAddress, readCidr } from '../net/address.ts';
import { BadRecord } from './bad-record.ts';
import { readNetworkValue, readNodeValue, readPeerValue, writePeer } from './formats.ts';
import { keys, placeOf } from './keys.ts';
import type { Mirror } from './mirror.ts';

export interface Arriving {
  readonly view: View;
  readonly mirror: Mirror;
  /** Id of this host's node. */
  readonly here: string;
  /** Nothing is removed: the store may have lost its contents. */
  readonly frozen: boolean;
  /** The keys are a part of the whole state, whose other parts are looked at as well. */
  readonly whole?: boolean;
  /** Networks on record here whose transaction has not ended: the store may not have them yet. */
  readonly pending?: ReadonlyMap<string, unknown>;
}

/** The records behind the changed keys. Unless all keys are looked at (`whole`), the peers of a network are looked at with it. */
function touched({ mirror, whole }: Arriving, changed: Iterable<string>) {
  const networks = new Set<string>();
  const nodes = new Set<string>();
  /** Network by endpoint. */
  const peers = new Map<string, string>();
  for (const key of changed) {
    const place = placeOf(key);
    if (place?.kind === 'network') networks.add(place.network);
    else if (place?.kind === 'node' || place?.kind === 'live') nodes.add(place.node);
    else if (place?.kind === 'endpoint') peers.set(place.endpoint, place.network);
  }
  for (const network of whole ? [] : networks)
    for (const key of mirror.in(keys.endpointsOf(network))) addPeer(peers, key);
  return { networks, nodes, peers };
}

function addPeer(peers: Map<string, string>, key: string): void {
  const place = placeOf(key);
  if (place?.kind === 'endpoint') peers.set(place.endpoint, place.network);
}

/** Removals first, in the order peers, nodes, networks; then puts in the opposite order. */
export function arrivals(arriving: Arriving, changed: Iterable<string>): readonly Change[] {
  const { networks, nodes, peers } = touched(arriving, changed);
  const networkChanges = [...networks].flatMap((id) => networkChange(arriving, id));
  const nodeChanges = [...nodes].flatMap((id) => nodeChange(arriving, id));
  addAffected(peers, arriving, [...networkChanges, ...nodeChanges]);
  const known = {
    networks: new Map(
      networkChanges.flatMap((one) => ('put' in one ? [[one.put.id, one.put] as const] : [])),
    ),
    nodes: new Map(nodeChanges.flatMap((one) => ('put' in one ? [[one.put.id, one.put] as const] : []))),
    gone: new Set(
      [...networkChanges, ...nodeChanges].flatMap((one) => ('remove' in one ? [one.remove] : [])),
    ),
  };
  const peerChanges = [...peers].flatMap(([id, network]) =>
    peerChange({ ...arriving, known }, { id, network }),
  );
  const all: readonly Change[] = [...networkChanges, ...nodeChanges, ...peerChanges];
  const isRemoval = (change: Change): boolean => 'remove' in change;
  return [...all.filter(isRemoval).reverse(), ...all.filter((change) => !isRemoval(change))];
}

/** Adds the peers of networks and nodes that go, and of nodes that come. */
function addAffected(
  peers: Map<string, string>,
  { view, mirror, whole }: Arriving,
  changes: readonly Change[],
): void {
  const gone = new Set(changes.flatMap((one) => ('remove' in one ? [one.remove] : [])));
  if (gone.size > 0)
    for (const { id, networkId, nodeId } of view.all('peers'))
      if (gone.has(nodeId) || gone.has(networkId)) peers.set(id, networkId);
  const isNewNode = (one: Change): boolean =>
    one.table === 'nodes' && 'put' in one && !view.get('nodes', one.put.id);
  if (whole || !changes.some(isNewNode)) return;
  for (const key of mirror.keys()) {
    const place = placeOf(key);
    if (place?.kind === 'endpoint' && !view.get('peers', place.endpoint))
      peers.set(place.endpoint, place.network);
  }
}

/** Peers, and networks or nodes, of one part: what can be brought in within some milliseconds. */
const [peersOfPart, othersOfPart] = [200, 40];

/**
 * The whole state, in parts: each is to be brought in before the next one is asked for. The last state of each record counts,
 * whatever comes in between.
 */
export function* everything(arriving: Omit<Arriving, 'whole'>): Generator<readonly Change[]> {
  const { view, mirror } = arriving;
  const part = (some: readonly string[]): readonly Change[] => arrivals({ ...arriving, whole: true }, some);
  const gone = Array.from(view.all('peers'), ({ id, networkId }) => keys.endpoint(networkId, id)).filter(
    (key) => !mirror.get(key),
  );
  yield [];
  for (const some of parts(gone, peersOfPart)) yield part(some);
  const known = [
    ...Array.from(view.all('networks')).flatMap(({ id, scope }) =>
      scope === 'global' ? [keys.network(id)] : [],
    ),
    ...Array.from(view.all('nodes'), ({ id }) => keys.node(id)),
  ];
  const others = new Set([...known, ...mirror.in('networks'), ...mirror.in('nodes')]);
  for (const some of parts([...others], othersOfPart)) yield part(some);
  const peers = [...mirror.keys()].filter((key) => key.startsWith('endpoints/'));
  yield [];
  for (const some of parts(peers, peersOfPart)) yield part(some);
}

function* parts<T>(all: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < all.length; at += size) yield all.slice(at, at + size);
}

/** A network with endpoints on this host is never removed here: it is written back (`write-back.ts`). */
function networkChange(
  { view, mirror, here, frozen, pending }: Arriving,
  id: string,
): readonly (Change & { table: 'networks' })[] {
  const before = view.get('networks', id);
  // this host is removing it, and has no record of it any more
  if (!before && mirror.read(keys.network(id), readNetworkValue)?.removing === here) return [];
  if (before?.scope === 'local') return [];
  const now = mirror.read(keys.network(id), (value) => networkOf(view, value, id));
  if (now) return isSame(before, now) ? [] : [{ table: 'networks', put: now }];
  const isKept =
    frozen ||
    pending?.has(id) ||
    mirror.get(keys.network(id)) !== undefined ||
    view.endpointsOfNetwork(id).length > 0;
  return before && !isKept ? [{ table: 'networks', remove: id }] : [];
}

function nodeChange(
  { view, mirror, here, frozen }: Arriving,
  id: string,
): readonly (Change & { table: 'nodes' })[] {
  // this host's own record does not come from the store
  if (id === here) return [];
  const before = view.get('nodes', id);
  const read = mirror.read(keys.node(id), (value) => readNode(value, id));
  if (read) {
    const now: Node = { ...read, ...(!mirror.get(keys.live(id)) && { lost: true }) };
    return isSame(before, now) ? [] : [{ table: 'nodes', put: now }];
  }
  return before && !frozen && !mirror.get(keys.node(id)) ? [{ table: 'nodes', remove: id }] : [];
}

interface Known {
  readonly networks: ReadonlyMap<string, Network>;
  readonly nodes: ReadonlyMap<string, Node>;
  readonly gone: ReadonlySet<string>;
}

function peerChange(
  { view, mirror, here, frozen, known }: Arriving & { readonly known: Known },
  { id, network }: { readonly id: string; readonly network: string },
): readonly Change[] {
  const key = keys.endpoint(network, id);
  const before = view.get('peers', id);
  // an id of another network's peer, or of an endpoint of this host
  if ((before && before.networkId !== network) || view.get('endpoints', id)) return [];
  const on = known.gone.has(network)
    ? undefined
    : (known.networks.get(network) ?? view.get('networks', network));
  const isThere = (node: string): boolean =>
    known.nodes.has(node) || (!known.gone.has(node) && view.get('nodes', node) !== undefined);
  // most of a whole state is known, and was read when it came
  const isKnown =
    before && on && !known.networks.has(network) && mirror.get(key)?.value === writePeer(before);
  if (isKnown && isThere(before.nodeId)) return [];
  const now = mirror.read(key, (value) => readPeer(value, { id, network, on }));
  if (now && on && now.nodeId !== here && isThere(now.nodeId))
    return isSame(before, now) ? [] : [{ table: 'peers', put: now }];
  const isUnreadable = before !== undefined && isThere(before.nodeId) && mirror.isNewer(key);
  return before && !((frozen || isUnreadable) && on) ? [{ table: 'peers', remove: id }] : [];
}

/** Throws BadRecord. Options that this host cannot read are ignored. */
function networkOf({ drivers }: View, value: string, id: string): Network {
  const { network } = readNetworkValue(value);
  if (network.id !== id) throw new BadRecord('it lies at the key of another one');
  return { ...network, parsed: parseAccepted(drivers.find(network.driver), network.options) };
}

/** Throws BadRecord. */
function readNode(value: string, id: string): Node {
  const { node } = readNodeValue(value);
  if (node.id !== id) throw new BadRecord('it lies at the key of another one');
  const addresses = [node.data4, node.data6].filter((one) => one !== undefined);
  if (addresses.length === 0) throw new BadRecord('it has no data address');
  for (const one of addresses) if (!isUsable(one)) throw new BadRecord(`${one} is no address of a host`);
  return node;
}

/** Blocks of which no address can be a host's. */
const unusable = ['0.0.0.0/8', '127.0.0.0/8', '224.0.0.0/3', '::/127', 'ff00::/8'].map(parseCidr);

function isUsable(text: string): boolean {
  const address = readAddress(text);
  return address !== undefined && !unusable.some((block) => contains(block, address));
}

/** Throws BadRecord. The addresses are checked once the network is known. */
function readPeer(
  value: string,
  { id, network, on }: { readonly id: string; readonly network: string; readonly on: Network | undefined },
): Peer {
  const { peer } = readPeerValue(value);
  if (peer.id !== id || peer.networkId !== network) throw new BadRecord('it lies at the key of another one');
  const pools = on?.ipam.pools.map(({ subnet }) => parseCidr(subnet)) ?? [];
  for (const address of peer.addresses) {
    const one = readCidr(address);
    const pool = one && pools.find((block) => contains(block, { version: one.version, value: one.value }));
    if (on && (!pool || pool.prefix !== one.prefix))
      throw new BadRecord(`${address} is no address of its network`);
  }
  return peer;
}

/** Equal as JSON, in any order of fields. */
const isSame = (a: object | undefined, b: object): boolean =>
  a !== undefined && isDeepStrictEqual(JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b)));
