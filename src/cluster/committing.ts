/** Writes changes of shared records to the store, before they are committed on this host. */
import { during, fail, hasCode } from '../errors.ts';
import { claimId } from '../model/claim.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { peerOf, type SharedChange } from '../model/shared.ts';
import type { Change } from '../model/tables.ts';
import { bare } from '../net/address.ts';
import { StoreConflict } from '../store/conflict.ts';
import { arrivals } from './arriving.ts';
import type { ClusterContext } from './context.ts';
import { readNetworkValue } from './formats.ts';
import { keys } from './keys.ts';
import { claimOf, type Operations, operationsOf } from './operations.ts';
import { refresh, refreshAfter } from './refresh.ts';
import { removeFromStore } from './removal.ts';

/** Milliseconds that a request waits for the store. */
const deadline = 5_000;

/**
 * Resolves with the claims to commit here. `later` schedules a comparison with the store. Endpoints that go stay in the store
 * until the kernel has followed (`releasing.ts`).
 */
export async function commitShared(
  context: ClusterContext,
  all: readonly SharedChange[],
  later: () => void,
): Promise<readonly Change[]> {
  const { standing } = context;
  const changes = all.filter((change) => change.kind === 'network' || 'put' in change);
  if (changes.length === 0) return [];
  const { pending } = standing;
  const ids = changes.flatMap((one) => ('put' in one ? [one.put.id] : []));
  const turn = {};
  // the records have it, and the store does not: a comparison is not to take it for lost
  for (const id of ids) pending.set(id, turn);
  const end = (): void => {
    for (const id of ids) if (pending.get(id) === turn) pending.delete(id);
  };
  let isDoubtful = false;
  const doubtful = (): void => {
    isDoubtful = true;
    later();
  };
  try {
    await afterLeavers(context, all);
    const { why } = standing;
    const ended = (): void => {
      end();
      later();
    };
    if (why) return withoutStore(context, { changes, why }, ended);
    return await context.gate.share(async () => {
      const claims = await write(context, changes, doubtful);
      end();
      return claims;
    });
  } catch (error) {
    // the records take it back first
    setImmediate(() => {
      end();
      if (isDoubtful) later();
    });
    throw error;
  }
}

/** Waits for addresses that the kernel still has at endpoints which leave. Throws ADDRESS_IN_USE after the deadline. */
async function afterLeavers(
  { standing: { leaving } }: ClusterContext,
  changes: readonly SharedChange[],
): Promise<void> {
  const free = leaving.takenBack(changes).then(() => leaving.outOfTheWay(changes));
  if (!(await inTime(free)) && changes.some(isNewEndpoint)) throw fail('ADDRESS_IN_USE', '');
}

/** Whether it has ended before the deadline of a request. */
export async function inTime(task: Promise<unknown>): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(resolve, deadline, false);
  try {
    return await Promise.race([task.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

const isNewEndpoint = (change: SharedChange): boolean => change.kind === 'endpoint' && 'put' in change;

async function write(
  context: ClusterContext,
  changes: readonly SharedChange[],
  later: () => void,
): Promise<readonly Change[]> {
  const { standing } = context;
  // hosts write back what they have: what nobody has is known only after that
  if (standing.isFrozen) return withoutStore(context, { changes, why: fail('CLUSTER_REPLACED') }, later);
  try {
    for (const change of changes)
      if (change.kind === 'network' && 'gone' in change) await removeFromStore(context, change.gone);
    if (changes.some(makesNetwork)) await readNetworks(context);
    refuseGoing(context, changes);
    return await writeParts(context, changes, later);
  } catch (error) {
    if (!hasCode(error, 'KV_AWAY', 'KV_TIMEOUT', 'KV_BROKEN', 'KV_REFUSED', 'KV_CLOSED')) throw error;
    // the transaction may have been done
    for (const change of changes) if (makesNetwork(change)) standing.doubtful.add(change.put.id);
    later();
    return withoutStore(context, { changes, why: error }, later);
  }
}

const makesNetwork = (
  change: SharedChange,
): change is SharedChange & { readonly kind: 'network'; readonly put: { id: string } } =>
  change.kind === 'network' && 'put' in change;

/** Endpoints of one transaction: with addresses of both families each takes 7 of the 64 operations that fit into one. */
const together = 8;

/** A container may be on more networks than that. If a later part fails, a comparison takes back what an earlier one has written. */
async function writeParts(
  context: ClusterContext,
  changes: readonly SharedChange[],
  later: () => void,
): Promise<readonly Change[]> {
  const { mirror, here, now } = context;
  const claims: Change[] = [];
  try {
    for (const part of partsOf(changes))
      claims.push(...(await transact(context, operationsOf(part, { mirror, here, now: now() }), later)));
    return claims;
  } catch (error) {
    if (claims.length > 0) later();
    throw error;
  }
}

/** Networks are not written apart from what comes with them. */
function* partsOf(changes: readonly SharedChange[]): Generator<readonly SharedChange[]> {
  if (changes.some(({ kind }) => kind === 'network')) return yield changes;
  for (let at = 0; at < changes.length; at += together) yield changes.slice(at, at + together);
}

/** Throws StoreConflict if another host was first. */
export async function transact(
  context: ClusterContext,
  { transaction, claims }: Operations,
  later: () => void,
): Promise<readonly Change[]> {
  const { kv, mirror, standing } = context;
  const { put = [], remove = [] } = transaction;
  if (put.length + remove.length === 0) return claims;
  const touched = [...put.map(({ key }) => key), ...remove];
  for (const key of touched) standing.inFlight.add(key);
  try {
    const { generation } = mirror;
    const result = await kv.transact(transaction, { deadline });
    if (!result.ok) throw new StoreConflict(await refreshAfter(context, transaction, result.others));
    const { revision } = result;
    mirror.learn({
      ...{ put: put.map(({ key, value }) => ({ key, value, revision })), removed: remove, revision },
      generation,
    });
    // the store that has done it may have been wiped
    if (generation !== mirror.generation) later();
    return claims;
  } finally {
    for (const key of touched) standing.inFlight.delete(key);
  }
}

/** Pools must be chosen with all networks known. Throws StoreConflict if this host did not know them all. */
async function readNetworks(context: ClusterContext): Promise<void> {
  const { view, mirror, here, standing } = context;
  // in this order: creating a network changes `turns`, so one made after the first read fails the comparison
  await refresh(context, ['turns']);
  const changed = await refresh(context, ['networks']);
  const changes = arrivals({ view, mirror, here, frozen: standing.isFrozen }, changed);
  if (changes.length > 0) throw new StoreConflict(changes);
}

function refuseGoing({ mirror, view }: ClusterContext, changes: readonly SharedChange[]): void {
  for (const change of changes) {
    if (change.kind !== 'endpoint' || !('put' in change)) continue;
    const { networkId } = change.put;
    const network = mirror.read(keys.network(networkId), readNetworkValue);
    if (network?.removing) throw fail('NETWORK_GOING', view.get('networks', networkId)?.name ?? networkId);
  }
}

interface Unwritten {
  readonly changes: readonly SharedChange[];
  readonly why: unknown;
}

/**
 * Without the store, endpoints can be added at an address that this host already holds; the store is updated later.
 * Everything else is refused.
 */
function withoutStore(
  context: ClusterContext,
  { changes, why }: Unwritten,
  later: () => void,
): readonly Change[] {
  const claims = changes.flatMap((change): readonly Change[] => {
    if (change.kind === 'network')
      throw during('error getting pools config from store: could not get pools config from store', why);
    return 'put' in change ? takenOver(context, change.put, why) : [];
  });
  later();
  return claims;
}

/** The claims of an endpoint whose addresses this host already holds. Throws `why` if it does not hold one of them. */
function takenOver(
  { view, here, standing }: ClusterContext,
  endpoint: Endpoint,
  why: unknown,
): readonly Change[] {
  const { networkId, addresses } = peerOf(endpoint, here);
  return addresses.map(bare).map((address): Change => {
    const held = view.get('claims', claimId(networkId, address));
    // one that is being given up may be another host's already
    if (!held || standing.inFlight.has(keys.address(networkId, address))) throw why;
    return { table: 'claims', put: claimOf(endpoint, { address, since: held.since }) };
  });
}
