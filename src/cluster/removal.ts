/**
 * A network is removed in two steps, so that no endpoint can be added meanwhile: it is marked, which fails the transaction of
 * every new endpoint, and removed once it is known to have no endpoints.
 */
import { fail } from '../errors.ts';
import type { Entry } from '../kv/kv.ts';
import type { Network } from '../model/network.ts';
import { StoreConflict } from '../store/conflict.ts';
import type { ClusterContext } from './context.ts';
import { readPeerValue } from './formats.ts';
import { keys } from './keys.ts';
import { begun, type Operations } from './operations.ts';
import { refresh, refreshAfter } from './refresh.ts';
import { dropNetwork } from './write-back-networks.ts';

/** Throws NETWORK_IN_USE, StoreConflict if it was changed meanwhile, and the errors of the store. */
export async function removeFromStore(context: ClusterContext, network: Network): Promise<void> {
  const { mirror, here } = context;
  const key = keys.network(network.id);
  if (!mirror.get(key)) return;
  await mark(context, key, here);
  const { entries } = await context.kv.range(keys.endpointsOf(network.id));
  if (entries.length > 0) {
    await mark(context, key, undefined);
    throw fail('NETWORK_IN_USE', network.name, network.id, entries.map(named).join(', '));
  }
  // known with the network, but not where that was read again alone
  await refresh(context, ['names', 'vnis']);
  const building = begun(context.mirror);
  dropNetwork(building, network, context);
  await done(context, building.operations());
}

/** Sets or clears the mark. Fields unknown to this version are kept. */
async function mark(context: ClusterContext, key: string, removing: string | undefined): Promise<void> {
  const entry = context.mirror.get(key);
  if (!entry) return;
  const building = begun(context.mirror);
  building.asKnown(context.mirror, key);
  building.write(key, JSON.stringify({ ...(JSON.parse(entry.value) as object), removing }));
  await done(context, building.operations());
}

async function done(context: ClusterContext, { transaction }: Operations): Promise<void> {
  const { kv, mirror } = context;
  const result = await kv.transact(transaction);
  if (!result.ok) throw new StoreConflict(await refreshAfter(context, transaction, result.others));
  const { revision } = result;
  const { put = [], remove = [] } = transaction;
  mirror.learn({ put: put.map(({ key, value }) => ({ key, value, revision })), removed: remove, revision });
}

function named({ key, value }: Entry): string {
  try {
    const { name, id } = readPeerValue(value).peer;
    return `name:"${name}" id:"${id.slice(0, 12)}"`;
  } catch {
    return key;
  }
}
