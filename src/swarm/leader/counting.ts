/** As many tasks as the service asks for: replicas in slots, or one on each node that fits. */
import { meets } from '../constraints.ts';
import type { SwarmService } from '../records.ts';
import { isOver, isWanted } from '../task-state.ts';
import type { Slot } from './slot.ts';
import { isFinished, isQuiet, makeTask, retire, slotsOf, takesTasks, wantedOf } from './tasks.ts';
import type { Work } from './work.ts';

export function countReplicas(work: Work, service: SwarmService): void {
  const wanted = service.spec.Mode?.Replicated?.Replicas ?? 1;
  const slots = slotsOf(work, service);
  const live = [...slots.values()].filter((slot) => wantedOf(slot).length > 0 || isFinished(service, slot));
  const isLive = new Set(live.map(({ slot }) => slot));
  for (const slot of slots.values()) if (!isLive.has(slot.slot) && slot.slot > wanted) removeSlot(work, slot);
  if (live.length > wanted) for (const slot of surplus(live, wanted)) removeSlot(work, slot);
  for (let number = 1, missing = wanted - live.length; missing > 0 && !work.isFull; number++) {
    if (isLive.has(number)) continue;
    fill(work, service, { number, slot: slots.get(String(number)) });
    missing--;
  }
}

/** A new task waits for an old one of its slot to end. */
function fill(
  work: Work,
  service: SwarmService,
  { number, slot }: { readonly number: number; readonly slot: Slot | undefined },
): void {
  const waits = slot?.tasks.some((task) => !isQuiet(work, task)) ?? false;
  makeTask(work, service, { slot: number, nodeId: '', desiredState: waits ? 'ready' : 'running' });
}

export function removeSlot(work: Work, slot: Slot): void {
  for (const task of slot.tasks) retire(work, task, { to: 'remove' });
}

/** Those that do not run, then those of nodes that have most, then those of the highest slots. */
function surplus(live: readonly Slot[], wanted: number): readonly Slot[] {
  const runs = ({ tasks }: Slot): boolean =>
    tasks.some((task) => isWanted(task) && task.status.state === 'running');
  const sorted = [...live].sort((a, b) => Number(runs(b)) - Number(runs(a)) || a.slot - b.slot);
  const onNode = new Map<string, number>();
  const nth = new Map<Slot, number>();
  for (const slot of sorted) {
    const [task, ...others] = wantedOf(slot);
    const counts = task && others.length === 0 && task.nodeId !== '' && !isOver(task);
    const count = counts ? (onNode.get(task.nodeId) ?? 0) + 1 : Number.POSITIVE_INFINITY;
    if (counts) onNode.set(task.nodeId, count);
    nth.set(slot, count);
  }
  return sorted.sort((a, b) => compare(nth.get(a), nth.get(b))).slice(wanted);
}

const compare = (a = 0, b = 0): number => (a === b ? 0 : a - b);

export function countNodes(work: Work, service: SwarmService): void {
  const slots = slotsOf(work, service);
  const { Constraints } = service.spec.TaskTemplate.Placement ?? {};
  for (const node of work.view.all('nodes')) {
    if (work.isFull) return;
    if (!takesTasks(node) || !meets(node, Constraints)) continue;
    const slot = slots.get(node.id);
    if (slot && (wantedOf(slot).length > 0 || isFinished(service, slot))) continue;
    const waits = slot?.tasks.some((task) => !isQuiet(work, task)) ?? false;
    makeTask(work, service, { slot: 0, nodeId: node.id, desiredState: waits ? 'ready' : 'running' });
  }
}
