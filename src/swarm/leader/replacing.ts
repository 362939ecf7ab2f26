/** Tasks that ended, or lost their node, are replaced as their restart policy says. */
import { meets } from '../constraints.ts';
import { timeOf, timeText } from '../context.ts';
import { isGlobal, restartPolicy } from '../defaults.ts';
import type { SwarmService, SwarmTask } from '../records.ts';
import { isOver } from '../task-state.ts';
import { isOutdated } from './same-spec.ts';
import type { Slot } from './slot.ts';
import { keepsTasks, makeTask, retire, shouldRestart, slotsOf, takesTasks, wantedOf } from './tasks.ts';
import type { Work } from './work.ts';

const noLongerFits = 'assigned node no longer meets constraints';

export function replaceEnded(work: Work, service: SwarmService): void {
  for (const slot of slotsOf(work, service).values())
    for (const task of wantedOf(slot)) replaceIfEnded(work, service, { slot, task });
}

function replaceIfEnded(
  work: Work,
  service: SwarmService,
  { slot, task }: { readonly slot: Slot; readonly task: SwarmTask },
): void {
  const isLost = hasLostNode(work, task);
  const fits = isLost || fitsNode(work, task);
  const isDone = task.desiredState === 'complete' && task.status.state === 'complete';
  if (isDone || (!isOver(task) && !isLost && fits)) return;
  // one that fails while it waits for its start is not replaced sooner than it would have started
  if (isOver(task) && task.startAfter && timeOf(task.startAfter) > work.now) {
    work.wake(timeOf(task.startAfter));
    return;
  }
  const restarts = shouldRestart(service, slot, task);
  retire(work, task, { to: 'shutdown', ...(fits ? {} : { error: noLongerFits }) });
  if (restarts && !hasSuccessor(work, service, { slot, task }) && mayReturn(work, service, slot))
    restart(work, service, { slot, task, delayed: isOver(task) && !isLost });
}

function hasLostNode(work: Work, task: SwarmTask): boolean {
  if (task.nodeId === '') return false;
  return !keepsTasks(work.node(task.nodeId));
}

function fitsNode(work: Work, { nodeId, spec }: SwarmTask): boolean {
  const node = work.node(nodeId);
  return node === undefined || meets(node, spec.Placement?.Constraints);
}

/** Another task of the slot is there already, and is not older than this one. */
function hasSuccessor(
  work: Work,
  service: SwarmService,
  { slot, task }: { readonly slot: Slot; readonly task: SwarmTask },
): boolean {
  return wantedOf(slot).some(
    (other) => other.id !== task.id && !isOver(other) && !isOutdated(service, other, work.node(other.nodeId)),
  );
}

/** A global service leaves a node that is drained, paused or down. */
function mayReturn(work: Work, service: SwarmService, { nodeId }: Slot): boolean {
  if (!isGlobal(service.spec)) return true;
  const node = work.node(nodeId);
  const { Constraints } = service.spec.TaskTemplate.Placement ?? {};
  return node !== undefined && takesTasks(node) && meets(node, Constraints);
}

function restart(
  work: Work,
  service: SwarmService,
  { slot, task, delayed }: { readonly slot: Slot; readonly task: SwarmTask; readonly delayed: boolean },
): void {
  const delay = delayed ? restartPolicy(task.spec).Delay / 1e6 : 0;
  makeTask(work, service, {
    slot: slot.slot,
    nodeId: slot.nodeId,
    desiredState: 'ready',
    ...(delay > 0 ? { startAfter: timeText(work.now + delay) } : {}),
  });
}
