/** Jobs: tasks that come to an end, a number of them or one on each node. */
import { meets } from '../constraints.ts';
import type { SwarmService, SwarmTask } from '../records.ts';
import { isOver } from '../task-state.ts';
import type { Slot } from './slot.ts';
import { isFinished, makeTask, retire, slotsOf, takesTasks, wantedOf } from './tasks.ts';
import type { Work } from './work.ts';

/** Tasks of runs before the last one end. */
export function endFormerRuns(work: Work, service: SwarmService): void {
  for (const task of [...work.view.tasksOfService(service.id)])
    if (!isOfRun(service, task) && !isOver(task)) retire(work, task, { to: 'remove' });
}

const isOfRun = ({ jobStatus }: SwarmService, { jobIteration }: SwarmTask): boolean =>
  jobIteration === jobStatus?.iteration;

/** Its tasks of this run alone. */
function run(service: SwarmService, slot: Slot): Slot {
  return { ...slot, tasks: slot.tasks.filter((task) => isOfRun(service, task)) };
}

const isDone = ({ tasks }: Slot): boolean => tasks.some(({ status }) => status.state === 'complete');

export function countCompletions(work: Work, service: SwarmService): void {
  const { MaxConcurrent = 1, TotalCompletions = MaxConcurrent } = service.spec.Mode?.ReplicatedJob ?? {};
  const slots = new Map(Array.from(slotsOf(work, service), ([key, slot]) => [key, run(service, slot)]));
  const all = [...slots.values()].filter(({ tasks }) => tasks.length > 0);
  const active = all.filter((slot) => !isDone(slot) && wantedOf(slot).length > 0).length;
  let room = MaxConcurrent - active;
  for (let number = 1; number <= TotalCompletions && room > 0 && !work.isFull; number++) {
    const slot = slots.get(String(number));
    if (slot && slot.tasks.length > 0 && !isMissing(service, slot)) continue;
    makeTask(work, service, { slot: number, nodeId: '', desiredState: 'complete' });
    room--;
  }
}

/** All that it had are gone, and it has not come to its end. */
const isMissing = (service: SwarmService, slot: Slot): boolean =>
  !isDone(slot) && wantedOf(slot).length === 0 && !isFinished(service, slot);

export function countRuns(work: Work, service: SwarmService): void {
  const slots = slotsOf(work, service);
  const { Constraints } = service.spec.TaskTemplate.Placement ?? {};
  for (const node of work.view.all('nodes')) {
    if (work.isFull) return;
    if (!takesTasks(node) || !meets(node, Constraints)) continue;
    const found = slots.get(node.id);
    const slot = found && run(service, found);
    if (slot && slot.tasks.length > 0 && !isMissing(service, slot)) continue;
    makeTask(work, service, { slot: 0, nodeId: node.id, desiredState: 'complete' });
  }
}
