/**
 * Plans the transactions that bring the store in line with this host's records: after it was away, after another client
 * changed a claim, and after it was wiped or restored. Pure; compares whole states, so nothing has to be remembered.
 */
import { claimId } from '../model/claim.ts';
import type { Endpoint } from '../model/endpoint.ts';
import type { Network } from '../model/network.ts';
import { peerOf } from '../model/shared.ts';
import type { Change, View } from '../model/tables.ts';
import { bare } from '../net/address.ts';
import {
  readNetworkValue,
  readOwner,
  readPeerValue,
  writeClaim,
  writeNetwork,
  writePeer,
} from './formats.ts';
import { keys, placeOf } from './keys.ts';
import type { StoredNetwork } from './network-format.ts';
import {
  Building,
  claimOf,
  type Operations,
  putEndpoint,
  putNetwork,
  type Standpoint,
} from './operations.ts';

export interface WriteBackContext extends Standpoint {
  readonly view: View;
  /** The store was wiped or restored: the older of two claims wins. Otherwise the claim in the store wins. */
  readonly renewed: boolean;
  /** Endpoints whose own transaction has not ended: it may still fail. */
  readonly pending: ReadonlyMap<string, unknown>;
  /** Networks whose creation failed here although the store may have them. */
  readonly doubtful: ReadonlySet<string>;
}

export interface WriteBack {
  /** In order; if one is refused, the state is read and compared again. */
  readonly operations: readonly Operations[];
  /** Endpoints that have lost their address, or whose network has lost its name or a VNI. */
  readonly taken: readonly Endpoint[];
}

export function planWriteBack(context: WriteBackContext): WriteBack {
  const operations: Operations[] = [];
  const taken: Endpoint[] = [];
  const lost = new Set<string>();
  for (const network of networksInUse(context)) {
    const building = missingNetwork(network, context);
    if (building === 'lost') lost.add(network.id);
    else if (building) operations.push(building.operations());
  }
  for (const endpoint of ownEndpoints(context.view)) {
    if (context.pending.has(endpoint.id)) continue;
    const building = lost.has(endpoint.networkId) ? 'lost' : endpointAmiss(endpoint, context);
    if (building === 'lost') taken.push(endpoint);
    else if (building) operations.push(building.operations());
  }
  return { operations: [...operations, ...unwanted(context)], taken };
}

/** This host's endpoints on shared networks. */
export const ownEndpoints = (view: View): readonly Endpoint[] =>
  Array.from(view.all('networks')).flatMap(({ id, scope }) =>
    scope === 'global' ? view.endpointsOfNetwork(id) : [],
  );

const networksInUse = ({ view, doubtful }: WriteBackContext): readonly Network[] =>
  Array.from(view.all('networks')).filter(
    ({ id, scope }) => scope === 'global' && !doubtful.has(id) && view.endpointsOfNetwork(id).length > 0,
  );

const begun = ({ mirror }: Standpoint): Building => {
  const building = new Building();
  building.asKnown(mirror, keys.epoch);
  return building;
};

/** `lost`: another network has its name or one of its VNIs. */
function missingNetwork(network: Network, context: WriteBackContext): Building | 'lost' | undefined {
  const { mirror } = context;
  if (mirror.get(keys.network(network.id))) return undefined;
  const building = begun(context);
  putNetwork(building, network);
  for (const key of [keys.name(network.name), ...(network.overlay?.vnis ?? []).map(keys.vni)]) {
    const owner = mirror.read(key, readOwner);
    if (owner === undefined) continue;
    const other = mirror.read(keys.network(owner), (value) => readNetworkValue(value).network);
    if (other && !(context.renewed && isOlder(network, other))) return 'lost';
    building.asKnown(mirror, key);
  }
  return building;
}

const isOlder = (
  a: { readonly created: string; readonly id: string },
  b: { readonly created: string; readonly id: string },
): boolean => (a.created === b.created ? a.id < b.id : a.created < b.created);

function endpointAmiss(endpoint: Endpoint, context: WriteBackContext): Building | 'lost' | undefined {
  const { mirror, here, view } = context;
  const peer = peerOf(endpoint, here);
  const building = begun(context);
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
      if (!context.renewed || !isOlder(mine, { created: there.since, id: there.endpoint })) return 'lost';
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
  const { mirror, here } = context;
  const all: Operations[] = [];
  for (const key of mirror.keys()) {
    // cheaper than parsing each value
    if (!mirror.get(key)?.value.includes(here)) continue;
    const place = placeOf(key);
    const isOwn =
      (place?.kind === 'endpoint' && isUnwantedEndpoint(key, place.endpoint, context)) ||
      (place?.kind === 'address' && isUnwantedAddress(key, context));
    const building = isOwn ? begun(context) : undefined;
    building?.asKnown(mirror, key);
    building?.drop(key);
    if (building) all.push(building.operations());
    const stopped = place?.kind === 'network' ? stoppedRemoval(place.network, context) : undefined;
    if (stopped) all.push(stopped.operations());
  }
  for (const id of context.doubtful) {
    const building = doubtfulNetwork(id, context);
    if (building) all.push(building.operations());
  }
  return all;
}

function isUnwantedEndpoint(key: string, id: string, { view, mirror, here }: WriteBackContext): boolean {
  const owner = mirror.read(key, (value) => readPeerValue(value).peer.nodeId);
  return owner === here && view.get('endpoints', id) === undefined;
}

/** An endpoint that took the address over writes the claim itself. */
function isUnwantedAddress(key: string, { view, mirror, here }: WriteBackContext): boolean {
  const place = placeOf(key);
  if (mirror.claim(key)?.node !== here || place?.kind !== 'address') return false;
  return !view
    .endpointsOfNetwork(place.network)
    .some(({ addresses }) => addresses.some((one) => bare(one) === place.address));
}

/** Clears the mark of a removal that this engine began and did not finish. */
function stoppedRemoval(id: string, context: WriteBackContext): Building | undefined {
  const { mirror, here } = context;
  const value = mirror.read(keys.network(id), readNetworkValue);
  if (value?.removing !== here) return undefined;
  const building = begun(context);
  building.asKnown(mirror, keys.network(id));
  building.write(keys.network(id), writeNetwork(value.network));
  return building;
}

/** Removes a network that the store has although its creation was reported as failed. */
function doubtfulNetwork(id: string, context: WriteBackContext): Building | undefined {
  const { mirror } = context;
  const value = mirror.read(keys.network(id), readNetworkValue);
  if (!value || Array.from(mirror.in(keys.endpointsOf(id))).length > 0) return undefined;
  const building = begun(context);
  dropNetwork(building, value.network, context);
  return building;
}

/** With its name and its VNIs. */
export function dropNetwork(
  building: Building,
  network: StoredNetwork,
  { mirror }: Pick<Standpoint, 'mirror'>,
): void {
  const key = keys.network(network.id);
  building.asKnown(mirror, key);
  building.drop(key);
  for (const owned of [keys.name(network.name), ...(network.overlay?.vnis ?? []).map(keys.vni)])
    if (mirror.read(owned, readOwner) === network.id) {
      building.asKnown(mirror, owned);
      building.drop(owned);
    }
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
  for (const key of mirror.keys()) {
    const place = placeOf(key);
    if (place?.kind !== 'address' || !mirror.get(key)?.value.includes(here)) continue;
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
