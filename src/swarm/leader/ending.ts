/** How tasks go: starts that were put off, the end of draining, what is kept of those that ended. */
import { timeOf } from '../context.ts';
import { restartPolicy } from '../defaults.ts';
import type { SwarmService, SwarmTask } from '../records.ts';
import { isAssigned, isOver, isWanted } from '../task-state.ts';
import type { Slot } from './slot.ts';
import { goalOf, isQuiet, retire, slotsOf, wantedOf } from './tasks.ts';
import type { Work } from './work.ts';

/** Milliseconds that nodes have to learn that a task gets no new connections. */
const longestDraining = 2_000;
/** Milliseconds after which tasks of a node that is down count as gone. */
const orphanedAfter = 24 * 60 * 60_000;

/** Tasks that wait for their time, or for the old one of their slot, start. */
export function startReady(work: Work, service: SwarmService): void {
  for (const slot of slotsOf(work, service).values())
    for (const task of wantedOf(slot)) {
      if (task.desiredState !== 'ready') continue;
      const at = task.startAfter ? timeOf(task.startAfter) : 0;
      if (at > work.now) work.wake(at);
      else if (slot.tasks.every((other) => isWanted(other) || isQuiet(work, other)))
        work.task({ ...task, desiredState: goalOf(service) });
    }
}

/** A task drains until all nodes that may lead to it have acknowledged a state in which it does. */
export function endDraining(work: Work, serviceId: string): void {
  for (const task of work.view.tasksOfService(serviceId)) {
    if (!task.drainingSince) continue;
    const until = timeOf(task.drainingSince) + longestDraining;
    if (isOver(task) || until <= work.now || isKnown(work, task))
      work.task({ ...task, drainingSince: undefined });
    else work.wake(until);
  }
}

function isKnown(work: Work, task: SwarmTask): boolean {
  // it drains by this very decision
  if (work.stored(task.id)?.drainingSince !== task.drainingSince) return false;
  const { acknowledged } = work.moment;
  for (const { id, status } of work.view.all('nodes'))
    if (status.state === 'ready' && acknowledged(id) < task.version) return false;
  return true;
}

/** Tasks of a service that is gone. */
export function endRemains(work: Work, serviceId: string): void {
  for (const task of [...work.view.tasksOfService(serviceId)])
    retire(work, task, { to: 'remove', isGone: true });
  endDraining(work, serviceId);
  forgetRemoved(work, serviceId);
  orphan(work, serviceId);
}

/** Records of tasks that are not to be kept. */
export function forget(work: Work, service: SwarmService): void {
  forgetRemoved(work, service.id);
  orphan(work, service.id);
  const most = historyOf(work, service);
  if (most < 0) return;
  for (const slot of slotsOf(work, service).values()) {
    // no task comes to a node that was removed
    const isClosed = slot.nodeId !== '' && !work.node(slot.nodeId);
    const surplus = isClosed ? slot.tasks.length : slot.tasks.length - most;
    const ended = slot.tasks.filter(
      (task) => isOver(task) && !isWanted(task) && (isClosed || !holdsPlace(service, slot, task)),
    );
    for (const task of ended.slice(0, Math.max(0, surplus))) work.removeTask(task.id);
  }
}

/** By it, it is known that nothing is missing. */
const holdsPlace = (service: SwarmService, slot: Slot, task: SwarmTask): boolean =>
  task === slot.tasks.at(-1) ||
  (task.jobIteration !== undefined &&
    task.jobIteration === service.jobStatus?.iteration &&
    task.status.state === 'complete');

function historyOf(work: Work, { spec }: SwarmService): number {
  const { MaxAttempts } = restartPolicy(spec.TaskTemplate);
  // they are counted to know whether another attempt is left
  if (MaxAttempts > 0) return MaxAttempts + 1;
  const [cluster] = work.view.all('cluster');
  return cluster?.spec.Orchestration.TaskHistoryRetentionLimit ?? 5;
}

function forgetRemoved(work: Work, serviceId: string): void {
  for (const task of [...work.view.tasksOfService(serviceId)]) {
    // nobody will tell how a task of a node that was removed has ended
    const isLost = task.nodeId !== '' && !work.node(task.nodeId) && !isOver(task);
    const isRemoved = task.desiredState === 'remove' && (isOver(task) || !isAssigned(task));
    if (isRemoved || (isLost && !isWanted(task))) work.removeTask(task.id);
  }
}

function orphan(work: Work, serviceId: string): void {
  for (const task of [...work.view.tasksOfService(serviceId)]) {
    if (isOver(task) || isWanted(task) || !isAssigned(task)) continue;
    const node = work.node(task.nodeId);
    if (node?.status.state !== 'down') continue;
    const at = timeOf(node.status.since) + orphanedAfter;
    if (at > work.now) work.wake(at);
    else
      work.task({
        ...task,
        status: { timestamp: work.at, state: 'orphaned', message: '', error: '' },
      });
  }
}
