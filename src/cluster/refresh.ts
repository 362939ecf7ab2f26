/** Reads parts of the store again. */

import { fail } from '../errors.ts';
import type { Entry, Transaction } from '../kv/kv.ts';
import type { Change } from '../model/tables.ts';
import { arrivals } from './arriving.ts';
import type { ClusterContext } from './context.ts';
import { readOwner } from './formats.ts';
import { keys, placeOf } from './keys.ts';
import { learnCompared } from './membership.ts';

type Refreshing = Pick<ClusterContext, 'kv' | 'mirror'>;

/** Returns the keys that have changed. */
export async function refresh(
  { kv, mirror }: Refreshing,
  folders: Iterable<string>,
): Promise<readonly string[]> {
  const changed: string[] = [];
  for (const folder of folders) {
    const { generation } = mirror;
    const { entries, revision } = await kv.range(folder);
    const there = new Set(entries.map(({ key }) => key));
    const removed = [...mirror.in(folder)].filter((key) => !there.has(key));
    changed.push(...mirror.learn({ put: entries, removed, revision, generation }));
  }
  return changed;
}

/**
 * After a refused transaction: what other hosts have written, as changes of records. Throws CLUSTER_REPLACED if the store has
 * another epoch than this host knows: the watch tells of it, and nothing is to be decided before.
 */
export async function refreshAfter(
  context: Pick<ClusterContext, 'kv' | 'mirror' | 'view' | 'here' | 'standing'>,
  transaction: Transaction,
  others: readonly Entry[],
): Promise<readonly Change[]> {
  const epoch = transaction.compare?.find(({ key }) => key === keys.epoch);
  if (epoch && epoch.revision !== others.find(({ key }) => key === keys.epoch)?.revision)
    throw fail('CLUSTER_REPLACED');
  learnCompared(context.mirror, transaction, others);
  const compared = transaction.compare ?? [];
  const changed = await refresh(context, new Set(compared.flatMap(({ key }) => foldersBehind(key))));
  await dropOrphans(context, others);
  const { view, mirror, here, standing } = context;
  const all = [...changed, ...compared.map(({ key }) => key)];
  return arrivals({ view, mirror, here, frozen: standing.isFrozen }, all);
}

/** The folders of the records that own a key. */
function foldersBehind(key: string): readonly string[] {
  const place = placeOf(key);
  if (place?.kind === 'address') return ['nodes', keys.endpointsOf(place.network)];
  if (place && ['network', 'name', 'vni', 'turn'].includes(place.kind)) return ['networks'];
  return [];
}

/**
 * Removes addresses without an endpoint, and names and VNIs without a network: both are written in one transaction, so such a
 * key is free.
 */
async function dropOrphans(
  { kv, mirror, here }: Refreshing & { here: string },
  others: readonly Entry[],
): Promise<void> {
  for (const { key, revision } of others) {
    if (!isOrphan(key, { mirror, here })) continue;
    const result = await kv.transact({ compare: [{ key, revision }], remove: [key] });
    if (result.ok) mirror.learn({ removed: [key] });
  }
}

function isOrphan(key: string, { mirror, here }: Pick<Refreshing, 'mirror'> & { here: string }): boolean {
  const place = placeOf(key);
  if (place?.kind === 'address') {
    const claim = mirror.claim(key);
    if (!claim) return true;
    return claim.node !== here && !mirror.get(keys.endpoint(place.network, claim.endpoint));
  }
  if (place?.kind !== 'name' && place?.kind !== 'vni') return false;
  const owner = mirror.read(key, readOwner);
  return owner === undefined || !mirror.get(keys.network(owner));
}
