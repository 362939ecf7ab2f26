/** The store is brought in line with what this host has, until both agree. */
import { randomBytes } from 'node:crypto';
import { fail } from '../errors.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { arrivals, everyKey } from './arriving.ts';
import type { ClusterContext } from './context.ts';
import { format, readEpoch, readLevel, readNodeValue, writeEpoch, writeLevel } from './formats.ts';
import { keys, placeOf } from './keys.ts';
import { asKnown, learnCompared } from './membership.ts';
import type { Mirror } from './mirror.ts';
import type { Operations } from './operations.ts';
import { refreshAfter } from './refresh.ts';
import { claimChanges, planWriteBack } from './write-back.ts';

/** So often the store is compared with what is here while others keep changing it. */
const mostRounds = 10;

/** Resolves with the endpoints that have lost their address to another host. */
export function compareClaims(context: ClusterContext): Promise<readonly Endpoint[]> {
  const { standing } = context;
  return context.gate.alone(async () => {
    const renewed = standing.isRenewed;
    try {
      await keepState(context);
      // it may be wiped again meanwhile
      standing.isRenewed = false;
      return await compareUntilEqual(context, renewed);
    } catch (error) {
      standing.isRenewed ||= renewed;
      throw error;
    }
  });
}

async function compareUntilEqual(context: ClusterContext, renewed: boolean): Promise<readonly Endpoint[]> {
  const { view, mirror, here, standing } = context;
  const { doubtful } = standing;
  for (let round = 1; round <= mostRounds; round++) {
    const plan = planWriteBack({ view, mirror, here, now: context.now(), renewed, doubtful });
    if (!(await writeAll(context, plan.operations))) continue;
    doubtful.clear();
    await context.arrive([
      ...arrivals({ view, mirror, here, frozen: standing.isFrozen }, everyKey({ view, mirror })),
      ...claimChanges({ view, mirror, here }),
    ]);
    return plan.taken;
  }
  throw fail('STORE_CONFLICT');
}

/** False: somebody else has changed something meanwhile, and it is to be compared again. */
async function writeAll(context: ClusterContext, operations: readonly Operations[]): Promise<boolean> {
  const { kv, mirror } = context;
  for (const { transaction } of operations) {
    const { put = [], remove = [] } = transaction;
    const result = await kv.transact(transaction);
    if (!result.ok) {
      await context.arrive(await refreshAfter(context, transaction, result.others));
      return false;
    }
    const { revision } = result;
    mirror.learn({ put: put.map(({ key, value }) => ({ key, value, revision })), removed: remove, revision });
  }
  return true;
}

/** Throws CLUSTER_NEWER. The state of the cluster has an epoch, and the level that all of its nodes can read. */
async function keepState(context: ClusterContext): Promise<void> {
  const { mirror, view, standing } = context;
  const level = mirror.read(keys.level, readLevel) ?? 0;
  if (level > format) throw fail('CLUSTER_NEWER', level, format);
  const epoch = mirror.read(keys.epoch, readEpoch);
  // restored from a backup: hosts that come later would not notice
  const isOld = standing.isRenewed && epoch === view.get('cluster', 'state')?.epoch;
  if (epoch === undefined || isOld)
    await keepKey(context, keys.epoch, writeEpoch(randomBytes(16).toString('hex')));
  const common = commonLevel(mirror);
  if (level < common) await keepKey(context, keys.level, writeLevel(common));
}

/** Whoever is first writes it. */
async function keepKey({ kv, mirror }: ClusterContext, key: string, value: string): Promise<void> {
  const transaction = { compare: [asKnown(mirror, key)], put: [{ key, value }] };
  const result = await kv.transact(transaction);
  if (result.ok) mirror.learn({ put: [{ key, value, revision: result.revision }] });
  else learnCompared(mirror, transaction, result.others);
}

/** The least of what the nodes can read. */
export function commonLevel(mirror: Mirror): number {
  const levels = [...mirror.in('nodes')].flatMap((key) =>
    placeOf(key)?.kind === 'node' ? (mirror.read(key, readNodeValue)?.level ?? []) : [],
  );
  return Math.min(format, ...levels);
}
