/**
 * Plans the transactions that bring the store in line with this host's records: after it was away, after another client
 * changed a claim, and after it was wiped or restored. Pure; compares whole states, so nothing has to be remembered.
 */
import { claimId } from '../model/claim.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { peerOf } from '../model/shared.ts';
import type { Change, View } from '../model/tables.ts';
import { bare } from '../net/address.ts';
import { readNetworkValue, readPeerValue, unmarked, writeClaim, writePeer } from './formats.ts';
import { keys, placeOf } from './keys.ts';
import { type Building, begun, claimOf, type Operations, putEndpoint } from './operations.ts';
import { type Defeat, isOlder } from './rivals.ts';
import { planNetworks, type WriteBackContext } from './write-back-networks.ts';

export interface WriteBack {
  /** In order; if one is refused, the state is read and compared again. */
  readonly operations: readonly Operations[];
  readonly taken: readonly Taken[];
  /** Networks that the operations remove, for older ones. */
  readonly defeated: readonly Defeat[];
}

/** An endpoint that has lost its address, or whose network gives way to another one. */
export interface Taken {
  readonly endpoint: Endpoint;
  /** For the user: `another host has its address`. */
  readonly why: string;
}

export function planWriteBack(context: WriteBackContext): WriteBack {
  const networks = planNetworks(context);
  const operations: Operations[] = [...networks.operations];
  const taken: Taken[] = [];
  for (const endpoint of ownEndpoints(context.view)) {
    if (context.pending.has(endpoint.id)) continue;
    const why = networks.lost.get(endpoint.networkId);
    const building = why === undefined ? endpointAmiss(endpoint, context) : undefined;
    if (why !== undefined) taken.push({ endpoint, why });
    else if (building === 'lost') taken.push({ endpoint, why: 'another host has its address' });
    else if (building) operations.push(building.operations());
  }
  const all = [...operations, ...unwanted(context)];
  // while others write back nothing is lost: it is compared again after that
  return { operations: all, taken: context.frozen ? [] : taken, defeated: networks.defeated };
}

/** This host's endpoints on shared networks. */
export const ownEndpoints = (view: View): readonly Endpoint[] =>
  Array.from(view.all('networks')).flatMap(({ id, scope }) =>
    scope === 'global' ? view.endpointsOfNetwork(id) : [],
  );

function endpointAmiss(endpoint: Endpoint, context: WriteBackContext): Building | 'lost' | undefined {
  const { mirror, here, view } = context;
  const peer = peerOf(endpoint, here);
  const building = begun(mirror);
  putEndpoint(building, endpoint, context);
  let isAmiss = mirror.get(keys.endpoint(peer.networkId, peer.id))?.value !== writePeer(peer);
  for (const address of peer.addresses.map(bare)) {
    const key = keys.address(peer.networkId, address);
    const there = mirror.claim(key);
    if (there?.node === here && there.endpoint === peer.id) continue;
    isAmiss = true;
    const since = view.get('claims', claimId(peer.networkId, address))?.since ?? context.now;
    if (there && there.node !== here) {
      const mine = { created: since, id: peer.id };
      if (!context.contested || !isOlder(mine, { created: there.since, id: there.endpoint })) return 'lost';
    }
    building.asKnown(mirror, key);
    building.write(key, writeClaim({ endpoint: peer.id, node: here, since }));
    building.claims.push({
      table: 'claims',
      put: claimOf(endpoint, { address, since }),
    });
  }
  return isAmiss ? building : undefined;
}

/** Removes what the store has for this host and this host does not have. */
function unwanted(context: WriteBackContext): readonly Operations[] {
  const { mirror } = context;
  const all: Operations[] = [];
  for (const key of mirror.own()) {
    const place = placeOf(key);
    const isOwn =
      (place?.kind === 'endpoint' && isUnwantedEndpoint(key, place.endpoint, context)) ||
      (place?.kind === 'address' && isUnwantedAddress(key, context));
    const building = isOwn ? begun(mirror) : undefined;
    building?.asKnown(mirror, key);
    building?.drop(key);
    if (building) all.push(building.operations());
    const stopped = place?.kind === 'network' ? stoppedRemoval(place.network, context) : undefined;
    if (stopped) all.push(stopped.operations());
  }
  return all;
}

function isUnwantedEndpoint(key: string, id: string, context: WriteBackContext): boolean {
  const { view, mirror, here, leaving } = context;
  const owner = mirror.read(key, (value) => readPeerValue(value).peer.nodeId);
  return owner === here && view.get('endpoints', id) === undefined && !leaving.has(id);
}

/** An endpoint that took the address over writes the claim itself. */
function isUnwantedAddress(key: string, { view, mirror, here, leaving }: WriteBackContext): boolean {
  const place = placeOf(key);
  const claim = mirror.claim(key);
  if (claim?.node !== here || place?.kind !== 'address' || leaving.has(claim.endpoint)) return false;
  return !view
    .endpointsOfNetwork(place.network)
    .some(({ addresses }) => addresses.some((one) => bare(one) === place.address));
}

/** Clears the mark of a removal that this engine began and did not finish. */
function stoppedRemoval(id: string, context: WriteBackContext): Building | undefined {
  const { mirror, here } = context;
  const key = keys.network(id);
  const entry = mirror.get(key);
  if (!entry || mirror.read(key, readNetworkValue)?.removing !== here) return undefined;
  const building = begun(mirror);
  building.asKnown(mirror, key);
  building.write(key, unmarked(entry.value));
  return building;
}

/** Changes that bring this host's claims in line with the store. */
export function claimChanges({
  view,
  mirror,
  here,
}: Pick<WriteBackContext, 'view' | 'mirror' | 'here'>): readonly Change[] {
  const changes: Change[] = [];
  for (const { id, networkId, address } of view.all('claims'))
    if (mirror.claim(keys.address(networkId, address))?.node !== here)
      changes.push({ table: 'claims', remove: id });
  for (const key of mirror.own()) {
    const place = placeOf(key);
    if (place?.kind !== 'address') continue;
    const claim = mirror.claim(key);
    if (claim?.node !== here) continue;
    const { network: networkId, address } = place;
    const known = view.get('claims', claimId(networkId, address));
    if (known?.endpointId === claim.endpoint && known.since === claim.since) continue;
    const { containerId = '' } = view.get('endpoints', claim.endpoint) ?? {};
    const put = claimOf({ networkId, id: claim.endpoint, containerId }, { address, since: claim.since });
    changes.push({ table: 'claims', put });
  }
  return changes;
}
