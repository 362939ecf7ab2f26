/** Turns changes of shared records into one transaction of the store. Pure. */
import type { Compare, Put, Transaction } from '../kv/kv.ts';
import { type Claim, claimId } from '../model/claim.ts';
import type { Endpoint } from '../model/endpoint.ts';
import type { Network } from '../model/network.ts';
import { peerOf, type SharedChange } from '../model/shared.ts';
import type { Change } from '../model/tables.ts';
import { bare } from '../net/address.ts';
import { writeClaim, writeNetwork, writeOwner, writePeer } from './formats.ts';
import { keys } from './keys.ts';
import type { Mirror } from './mirror.ts';

export interface Standpoint {
  readonly mirror: Mirror;
  /** Id of this host's node. */
  readonly here: string;
  readonly now: string;
}

/** A transaction, and the changes of this host's claims once it is done. */
export interface Operations {
  readonly transaction: Transaction;
  readonly claims: readonly Change[];
}

/** Builds a transaction key by key. A key both put and removed is put. */
export class Building {
  readonly compare = new Map<string, Compare>();
  readonly put = new Map<string, Put>();
  readonly remove = new Set<string>();
  readonly claims: Change[] = [];

  /** The transaction fails unless the key is as known here. */
  asKnown(mirror: Mirror, key: string): void {
    const known = mirror.get(key);
    this.compare.set(key, known ? { key, revision: known.revision } : { key, absent: true });
  }

  write(key: string, value: string): void {
    this.remove.delete(key);
    this.put.set(key, { key, value });
  }

  drop(key: string): void {
    if (!this.put.has(key)) this.remove.add(key);
  }

  operations(): Operations {
    return {
      transaction: {
        compare: [...this.compare.values()],
        put: [...this.put.values()],
        remove: [...this.remove],
      },
      claims: this.claims,
    };
  }
}

/** For a transaction that fails in a store that was wiped or restored. */
export function begun(mirror: Mirror): Building {
  const building = new Building();
  building.asKnown(mirror, keys.epoch);
  return building;
}

/** Needs the whole state of the store. Networks are not removed here but in two steps (`removal.ts`). */
export function operationsOf(changes: readonly SharedChange[], standpoint: Standpoint): Operations {
  const building = begun(standpoint.mirror);
  for (const change of changes) {
    if (change.kind === 'endpoint' && 'gone' in change) dropEndpoint(building, change.gone, standpoint);
    if (change.kind === 'network' && 'put' in change) {
      putNetwork(building, change.put);
      building.asKnown(standpoint.mirror, keys.turn);
      building.write(keys.turn, writeOwner(change.put.id));
    }
  }
  const made = new Set(
    changes.flatMap((one) => (one.kind === 'network' && 'put' in one ? [one.put.id] : [])),
  );
  for (const change of changes)
    if (change.kind === 'endpoint' && 'put' in change) {
      if (!made.has(change.put.networkId))
        building.asKnown(standpoint.mirror, keys.network(change.put.networkId));
      putEndpoint(building, change.put, standpoint);
    }
  return building.operations();
}

/** Its name and its VNIs must be unique: each is a key whose value is the network's id. */
export function putNetwork(building: Building, network: Network): void {
  const owned = [keys.name(network.name), ...(network.overlay?.vnis ?? []).map(keys.vni)];
  for (const key of [keys.network(network.id), ...owned]) building.compare.set(key, { key, absent: true });
  building.write(keys.network(network.id), writeNetwork(network));
  for (const key of owned) building.write(key, writeOwner(network.id));
}

/** Addresses that this host already holds in the store are taken over. */
export function putEndpoint(building: Building, endpoint: Endpoint, { mirror, here, now }: Standpoint): void {
  const peer = peerOf(endpoint, here);
  const key = keys.endpoint(peer.networkId, peer.id);
  building.asKnown(mirror, key);
  building.write(key, writePeer(peer));
  for (const address of peer.addresses.map(bare)) {
    const place = keys.address(peer.networkId, address);
    const known = mirror.claim(place);
    if (known?.node === here) building.asKnown(mirror, place);
    else building.compare.set(place, { key: place, absent: true });
    const isSame = known?.node === here && known.endpoint === peer.id;
    const since = isSame ? known.since : now;
    if (!isSame) building.write(place, writeClaim({ endpoint: peer.id, node: here, since }));
    building.claims.push({
      table: 'claims',
      put: claimOf(endpoint, { address, since }),
    });
  }
}

/** Addresses that another endpoint has by now are kept. */
function dropEndpoint(building: Building, endpoint: Endpoint, { mirror, here }: Standpoint): void {
  const { networkId, id, addresses } = peerOf(endpoint, here);
  building.drop(keys.endpoint(networkId, id));
  for (const address of addresses.map(bare)) {
    const place = keys.address(networkId, address);
    const known = mirror.claim(place);
    if (known?.endpoint === id && known.node === here) {
      building.asKnown(mirror, place);
      building.drop(place);
    }
    building.claims.push({ table: 'claims', remove: claimId(networkId, address) });
  }
}

export const claimOf = (
  { networkId, id, containerId }: Pick<Endpoint, 'networkId' | 'id' | 'containerId'>,
  { address, since }: { readonly address: string; readonly since: string },
): Claim => ({
  ...{ id: claimId(networkId, address), networkId, address, endpointId: id },
  ...(containerId !== '' && { containerId }),
  since,
});
