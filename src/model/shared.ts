/** Which changes are of records that all hosts of a cluster share: its networks, and the endpoints on them. Pure. */
import { families } from '../net/family.ts';
import type { Endpoint } from './endpoint.ts';
import { ownAddress } from './leases.ts';
import type { Network } from './network.ts';
import type { Peer } from './peer.ts';
import { type Change, keyOf, type View } from './tables.ts';

/** One record that is put, or goes. */
export type SharedChange =
  | { readonly kind: 'network'; readonly put: Network }
  | { readonly kind: 'network'; readonly gone: Network }
  | { readonly kind: 'endpoint'; readonly put: Endpoint }
  | { readonly kind: 'endpoint'; readonly gone: Endpoint };

export const isShared = ({ scope }: Pick<Network, 'scope'>): boolean => scope === 'global';

/** `view` is as it was before. The last change of a record is the one that counts. */
export function sharedChanges(view: View, changes: readonly Change[]): readonly SharedChange[] {
  const last = new Map<string, Change>();
  for (const change of changes)
    if (change.table === 'networks' || change.table === 'endpoints')
      last.set(
        `${change.table} ${'put' in change ? keyOf(change.table, change.put) : change.remove}`,
        change,
      );
  const isOfShared = (networkId: string): boolean => {
    const change = last.get(`networks ${networkId}`);
    const made = change?.table === 'networks' && 'put' in change ? change.put : undefined;
    const network = view.get('networks', networkId) ?? made;
    return network !== undefined && isShared(network);
  };
  return [...last.values()].flatMap((change): SharedChange[] => {
    if (change.table === 'networks') return networkChange(view, change);
    if (change.table !== 'endpoints') return [];
    if ('put' in change)
      return isOfShared(change.put.networkId) ? [{ kind: 'endpoint', put: change.put }] : [];
    const gone = view.get('endpoints', change.remove);
    return gone && isOfShared(gone.networkId) ? [{ kind: 'endpoint', gone }] : [];
  });
}

function networkChange(view: View, change: Change & { readonly table: 'networks' }): SharedChange[] {
  if ('put' in change) return isShared(change.put) ? [{ kind: 'network', put: change.put }] : [];
  const gone = view.get('networks', change.remove);
  return gone && isShared(gone) ? [{ kind: 'network', gone }] : [];
}

/** An endpoint as the other hosts know it. Link-local addresses are of its own link alone. */
export const peerOf = (endpoint: Endpoint, nodeId: string): Peer => {
  const { id, networkId, name, dnsNames, mac } = endpoint;
  const addresses = families.flatMap((family) => ownAddress(endpoint, family) ?? []);
  return { ...{ id, networkId, nodeId, name, dnsNames }, addresses, mac };
};

/** Changes that all hosts have. */
export interface Committed {
  /** Changes of this host's own records that belong to them. */
  readonly gained: readonly Change[];
  /** To be called once they are on record here. */
  written(): void;
  /** To be called if they cannot be put on record: the store is brought in line later. */
  lost(): void;
}

/** What keeps shared records for all hosts. It is written before the disk. */
export interface SharedStore {
  /**
   * All or nothing. Throws `StoreConflict` where another host was first. Endpoints that go are given up once the kernel has
   * followed; if that cannot be written then, it is written later.
   */
  commit(changes: readonly SharedChange[]): Promise<Committed>;
  /** To be called when a sandbox begins to follow the records; what it returns, once the kernel agrees with them. */
  follows(sandboxId: string): () => void;
  /** Resolves once addresses that these sandboxes have dropped are given up, or that was tried. */
  released(sandboxIds: ReadonlySet<string>): Promise<void>;
}
