/** Rolling updates, and the way back. Where an update stands follows from the tasks that it has made. */
import { timeOf } from '../context.ts';
import { updateConfig } from '../defaults.ts';
import type { SwarmService, SwarmTask, UpdateStatus } from '../records.ts';
import { isOver, isWanted } from '../task-state.ts';
import { isOutdated } from './same-spec.ts';
import type { Slot } from './slot.ts';
import { isFinished, makeTask, retire, slotsOf, wantedOf } from './tasks.ts';
import type { Work } from './work.ts';

type Config = ReturnType<typeof updateConfig>;

/** One place that the update has to do, or has done. */
interface Part {
  readonly slot: Slot;
  /** To be replaced. */
  readonly old: readonly SwarmTask[];
  /** By the new spec. */
  readonly fresh: readonly SwarmTask[];
  /** The first one that was made in this update. */
  readonly first: SwarmTask | undefined;
}

export function update(work: Work, service: SwarmService): SwarmService {
  const state = service.updateStatus?.state;
  if (state === 'paused' || state === 'rollback_paused') return service;
  const isUnderWay = state === 'updating' || state === 'rollback_started';
  const parts = partsOf(work, service);
  if (!isUnderWay && parts.every(({ old }) => old.length === 0)) return service;
  const started = isUnderWay ? service : note(work, service, begin(work));
  const { spec } = started;
  const back = started.updateStatus?.state === 'rollback_started';
  const config = updateConfig(back ? spec.RollbackConfig : spec.UpdateConfig);
  const stopped = stopOnFailure(work, started, { parts, config });
  if (stopped) return stopped;
  for (const part of parts) finishPart(work, { part, config });
  goOn(work, started, { parts, config });
  return complete(work, started, { parts, config });
}

const begin = (work: Work): UpdateStatus => ({
  state: 'updating',
  startedAt: work.at,
  message: 'update in progress',
});

const note = (work: Work, service: SwarmService, updateStatus: UpdateStatus): SwarmService =>
  work.service({ ...service, updateStatus });

function partsOf(work: Work, service: SwarmService): readonly Part[] {
  return Array.from(slotsOf(work, service).values(), (slot) => {
    const wanted = wantedOf(slot);
    const outdated = (task: SwarmTask): boolean => isOutdated(service, task, work.node(task.nodeId));
    const newest = slot.tasks.at(-1);
    const finished = wanted.length === 0 && newest && isFinished(service, slot) ? [newest] : [];
    const made = slot.tasks.filter((task) => task.generation === service.generation && !outdated(task));
    return {
      slot,
      old: [...wanted, ...finished].filter(outdated),
      fresh: wanted.filter((task) => !outdated(task)),
      first: made[0],
    };
  }).sort((a, b) => a.slot.slot - b.slot.slot);
}

/** When it came up, or ended before; undefined while it comes up. */
const settledAt = (task: SwarmTask): number | undefined =>
  task.runningSince || isOver(task) ? timeOf(task.runningSince ?? task.status.timestamp) : undefined;

/** Ended by itself, and too soon. */
function hasFailed(task: SwarmTask, { Monitor }: Config): boolean {
  if (!['complete', 'failed', 'rejected'].includes(task.status.state)) return false;
  if (!task.runningSince) return true;
  return timeOf(task.status.timestamp) - timeOf(task.runningSince) <= Monitor / 1e6;
}

interface Progress {
  readonly parts: readonly Part[];
  readonly config: Config;
}

/** The service as it is then, where failures stop the update or turn it back. */
function stopOnFailure(
  work: Work,
  service: SwarmService,
  { parts, config }: Progress,
): SwarmService | undefined {
  const { updateStatus: status, previousSpec, previousSpecVersion = 0 } = service;
  if (config.FailureAction === 'continue' || !status) return undefined;
  const failed = parts.flatMap(({ first }) => (first && hasFailed(first, config) ? [first] : []));
  const all = parts.filter(({ old, first }) => first || old.length > 0).length;
  const [task] = failed.sort((a, b) => (a.status.timestamp < b.status.timestamp ? 1 : -1));
  if (!task || failed.length / all <= config.MaxFailureRatio) return undefined;
  const why = `due to failure or early termination of task ${task.id}`;
  if (status.state === 'rollback_started')
    return note(work, service, { ...status, state: 'rollback_paused', message: `rollback paused ${why}` });
  if (config.FailureAction !== 'rollback' || !previousSpec)
    return note(work, service, { ...status, state: 'paused', message: `update paused ${why}` });
  return work.service({
    ...service,
    spec: previousSpec,
    specVersion: previousSpecVersion,
    generation: (service.generation ?? 0) + 1,
    previousSpec: undefined,
    previousSpecVersion: undefined,
    updateStatus: { state: 'rollback_started', startedAt: work.at, message: `update rolled back ${why}` },
  });
}

/** Old tasks end when the new one runs, or at once where that is the order. */
function finishPart(
  work: Work,
  { part: { old, fresh }, config }: { readonly part: Part; readonly config: Config },
): void {
  if (fresh.length === 0) return;
  const isUp = fresh.some(({ status }) => status.state === 'running');
  if (isUp || config.Order === 'stop-first') for (const task of old) retire(work, task, { to: 'shutdown' });
  // of several new ones, the first that runs stays
  const kept = fresh.find(({ status }) => status.state === 'running') ?? fresh[0];
  for (const task of fresh) if (task !== kept) retire(work, task, { to: 'shutdown' });
}

/** Its place in `Parallelism` is taken until it is up, its old task is told to end, and the delay has passed. */
function isBusy(
  work: Work,
  { part: { first, old, fresh }, config }: { readonly part: Part; readonly config: Config },
): boolean {
  if (!first) return false;
  const settled = settledAt(first);
  if (settled === undefined) return isWanted(first);
  if (old.length > 0 && fresh.length > 0 && !isOver(first)) return true;
  const until = settled + (config.Delay ?? 0) / 1e6;
  if (until > work.now) work.wake(until);
  return until > work.now;
}

function goOn(work: Work, service: SwarmService, { parts, config }: Progress): void {
  const waiting = parts.filter(({ old, fresh }) => old.length > 0 && fresh.length === 0);
  const busy = parts.filter((part) => isBusy(work, { part, config })).length;
  const room = config.Parallelism === 0 ? waiting.length : config.Parallelism - busy;
  for (const { slot, old } of waiting.slice(0, Math.max(0, room))) {
    if (work.isFull) return;
    const startFirst = config.Order === 'start-first';
    const { slot: number, nodeId } = slot;
    makeTask(work, service, { slot: number, nodeId, desiredState: startFirst ? 'running' : 'ready' });
    if (!startFirst) for (const task of old) retire(work, task, { to: 'shutdown' });
  }
}

/** Once nothing is left, and what came last has run long enough. */
function complete(work: Work, service: SwarmService, { parts, config }: Progress): SwarmService {
  const { updateStatus: status } = service;
  const isLeft = parts.some(
    (part) => part.old.length > 0 || part.fresh.length > 1 || isBusy(work, { part, config }),
  );
  if (!status || isLeft) return service;
  const delay = (config.Delay ?? 0) / 1e6;
  const monitor = config.Monitor / 1e6;
  const watched = delay >= monitor ? delay + 1_000 : monitor;
  const last = Math.max(...parts.map(({ first }) => (first && settledAt(first)) ?? 0));
  if (last + watched > work.now) {
    work.wake(last + watched);
    return service;
  }
  const back = status.state === 'rollback_started';
  return note(work, service, {
    ...status,
    state: back ? 'rollback_completed' : 'completed',
    message: back ? 'rollback completed' : 'update completed',
    completedAt: work.at,
  });
}
