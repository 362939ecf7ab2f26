/** Brings the store in line with this host's records, until both agree. */
import { randomBytes } from 'node:crypto';
import { fail } from '../errors.ts';
import { claimId } from '../model/claim.ts';
import type { Change } from '../model/tables.ts';
import { arriveWhole } from './arriving-whole.ts';
import type { ClusterContext } from './context.ts';
import { format, readEpoch, readLevel, readNodeValue, writeEpoch, writeLevel } from './formats.ts';
import { keys, placeOf } from './keys.ts';
import { asKnown, learnCompared } from './membership.ts';
import type { Mirror } from './mirror.ts';
import type { Operations } from './operations.ts';
import { refreshAfter } from './refresh.ts';
import { claimChanges, planWriteBack, type Taken } from './write-back.ts';

/** Attempts while other hosts keep changing the store. */
const mostRounds = 10;

/** Resolves with the endpoints that must be taken off their network. Throws STORE_CONFLICT, CLUSTER_NEWER. */
export function compareClaims(context: ClusterContext): Promise<readonly Taken[]> {
  const { standing } = context;
  return context.gate.alone(async () => {
    const { isRenewed, isContested } = standing;
    try {
      await keepState(context);
      // reset before comparing: the store may be wiped again meanwhile
      standing.isRenewed = false;
      standing.isContested = standing.isFrozen;
      return await compareUntilEqual(context, isContested);
    } catch (error) {
      standing.isRenewed ||= isRenewed;
      standing.isContested ||= isContested;
      throw error;
    }
  });
}

async function compareUntilEqual(context: ClusterContext, contested: boolean): Promise<readonly Taken[]> {
  const { view, mirror, here, standing, logger } = context;
  const { doubtful, leaving, pending } = standing;
  for (let round = 1; round <= mostRounds; round++) {
    const { generation } = mirror;
    const now = context.now();
    const frozen = standing.isFrozen;
    const plan = planWriteBack({ view, mirror, here, now, contested, frozen, doubtful, pending, leaving });
    // a claim that is given up is held no longer, whatever becomes of the transaction
    await context.arrive(givenUp(plan.operations));
    if (!(await writeAll(context, plan.operations))) continue;
    doubtful.clear();
    await arriveWhole(context);
    // the plan was for another state: it is compared again once that is brought in
    if (generation !== mirror.generation) throw fail('CLUSTER_REPLACED');
    await context.arrive(claimChanges({ view, mirror, here }));
    for (const { network, to, shared } of plan.defeated)
      logger.warn('a network was removed from the cluster store: an older one has something of it', {
        ...{ network: network.name, id: network.id, older: to.id, shared },
      });
    return plan.taken;
  }
  throw fail('STORE_CONFLICT');
}

const givenUp = (operations: readonly Operations[]): readonly Change[] =>
  operations
    .flatMap(({ transaction }) => transaction.remove ?? [])
    .flatMap((key) => {
      const place = placeOf(key);
      if (place?.kind !== 'address') return [];
      return [{ table: 'claims', remove: claimId(place.network, place.address) } as const];
    });

/** False if another host has changed something meanwhile: compare again. */
async function writeAll(context: ClusterContext, operations: readonly Operations[]): Promise<boolean> {
  const { kv, mirror } = context;
  for (const { transaction } of operations) {
    const { put = [], remove = [] } = transaction;
    const { generation } = mirror;
    const result = await kv.transact(transaction);
    if (generation !== mirror.generation) return false;
    if (!result.ok) {
      await context.arrive(await refreshAfter(context, transaction, result.others));
      return false;
    }
    const { revision } = result;
    mirror.learn({ put: put.map(({ key, value }) => ({ key, value, revision })), removed: remove, revision });
  }
  return true;
}

/** Writes the epoch if it is missing or old, and raises the level to what all nodes can read. Throws CLUSTER_NEWER. */
async function keepState(context: ClusterContext): Promise<void> {
  const { mirror, view, standing } = context;
  const level = refuseNewer(mirror);
  const epoch = mirror.read(keys.epoch, readEpoch);
  // restored from a backup: hosts that connect later would not notice
  const isOld = standing.isRenewed && epoch === view.get('cluster', 'state')?.epoch;
  if (epoch === undefined || isOld)
    await keepKey(context, keys.epoch, writeEpoch(randomBytes(16).toString('hex')));
  const common = commonLevel(mirror);
  if (level < common) await keepKey(context, keys.level, writeLevel(common));
}

/** The level of the cluster, 0 for none. Throws CLUSTER_NEWER if its records may be of a format that this version does not know. */
export function refuseNewer(mirror: Mirror): number {
  const level = mirror.read(keys.level, readLevel) ?? (mirror.isNewer(keys.level) ? format + 1 : 0);
  if (level > format) throw fail('CLUSTER_NEWER', level, format);
  return level;
}

/** Writes a key unless another host writes it first. */
async function keepKey({ kv, mirror }: ClusterContext, key: string, value: string): Promise<void> {
  const transaction = { compare: [asKnown(mirror, key)], put: [{ key, value }] };
  const { generation } = mirror;
  const result = await kv.transact(transaction);
  if (generation !== mirror.generation) throw fail('CLUSTER_REPLACED');
  if (result.ok) mirror.learn({ put: [{ key, value, revision: result.revision }] });
  else learnCompared(mirror, transaction, result.others);
}

/** The newest format that all nodes can read. */
export function commonLevel(mirror: Mirror): number {
  const levels = [...mirror.in('nodes')].flatMap((key) =>
    placeOf(key)?.kind === 'node' ? (mirror.read(key, readNodeValue)?.level ?? []) : [],
  );
  return Math.min(format, ...levels);
}
