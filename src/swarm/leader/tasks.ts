/** Tasks as the leader makes and ends them. */
import { timeOf } from '../context.ts';
import { isJob, restartPolicy } from '../defaults.ts';
import { isOpen, isServed } from '../given-task.ts';
import type { SwarmNode, SwarmService, SwarmTask, TaskState } from '../records.ts';
import { byAge, compareStates, isAssigned, isOver, isWanted } from '../task-state.ts';
import type { Slot } from './slot.ts';
import type { Work } from './work.ts';

export interface NewTask {
  readonly slot: number;
  /** Of a global service. */
  readonly nodeId: string;
  readonly desiredState: TaskState;
  readonly startAfter?: string;
}

/** What the tasks of a service are to reach. */
export const goalOf = ({ spec }: SwarmService): TaskState => (isJob(spec) ? 'complete' : 'running');

export function makeTask(work: Work, service: SwarmService, place: NewTask): SwarmTask {
  return work.task({
    id: work.moment.generate.id(),
    version: 0,
    createdAt: work.at,
    updatedAt: work.at,
    serviceId: service.id,
    service: { Name: service.spec.Name, Labels: service.spec.Labels },
    spec: service.spec.TaskTemplate,
    specVersion: service.specVersion,
    generation: service.generation ?? 0,
    attachments: [],
    ports: service.endpoint?.ports ?? [],
    status: { timestamp: work.at, state: 'new', message: 'created', error: '' },
    ...(service.jobStatus ? { jobIteration: service.jobStatus.iteration } : {}),
    ...place,
  });
}

/** Alive, and to be trusted with tasks that it has. */
export const keepsTasks = (node: SwarmNode | undefined): boolean =>
  node !== undefined && node.status.state !== 'down' && node.spec.Availability !== 'drain';

/** New tasks may come to it. */
export const takesTasks = ({ status, spec }: SwarmNode): boolean =>
  status.state === 'ready' && spec.Availability === 'active';

export interface Retiring {
  readonly to: 'shutdown' | 'remove';
  readonly error?: string;
  /** Its service is: nobody is led to it any more. */
  readonly isGone?: boolean;
}

/**
 * It is to end. One that gets connections first gets no new ones, until nodes know; one that no node has been told of is gone at
 * once.
 */
export function retire(work: Work, task: SwarmTask, { to, error, isGone = false }: Retiring): void {
  if (compareStates(task.desiredState, to) >= 0) return;
  if (!isAssigned(task)) {
    work.removeTask(task.id);
    return;
  }
  const drains =
    !isGone && isServed(task) && isOpen(task) && work.node(task.nodeId)?.status.state === 'ready';
  work.task({
    ...task,
    desiredState: to,
    ...(drains ? { drainingSince: work.at } : {}),
    ...(error === undefined ? {} : { status: { ...task.status, error } }),
  });
}

export const slotsOf = (work: Work, service: SwarmService): ReadonlyMap<string, Slot> =>
  work.slots(service.id, () => findSlots(work, service));

function findSlots(work: Work, service: SwarmService): ReadonlyMap<string, Slot> {
  const { Global, GlobalJob } = service.spec.Mode ?? {};
  const byNode = Global !== undefined || GlobalJob !== undefined;
  const slots = new Map<string, Slot & { readonly tasks: SwarmTask[] }>();
  for (const task of work.view.tasksOfService(service.id)) {
    const key = byNode ? task.nodeId : String(task.slot);
    const found = slots.get(key);
    if (found) found.tasks.push(task);
    else slots.set(key, { key, slot: task.slot, nodeId: byNode ? task.nodeId : '', tasks: [task] });
  }
  for (const { tasks } of slots.values()) if (tasks.length > 1) tasks.sort(byAge);
  return slots;
}

export const wantedOf = ({ tasks }: Pick<Slot, 'tasks'>): readonly SwarmTask[] => tasks.filter(isWanted);

/** By the policy of its own spec. */
export function shouldRestart(
  service: SwarmService,
  { tasks }: Pick<Slot, 'tasks'>,
  task: SwarmTask,
): boolean {
  const { Condition, MaxAttempts, Window = 0 } = restartPolicy(task.spec);
  const succeeded = task.status.state === 'complete';
  if (Condition === 'none') return false;
  // to run a job again that has come to its end would make no sense
  if (succeeded && (Condition === 'on-failure' || isJob(service.spec))) return false;
  if (MaxAttempts === 0) return true;
  const same = tasks.filter(
    (one) =>
      one.specVersion === task.specVersion &&
      one.jobIteration === task.jobIteration &&
      one.createdAt <= task.createdAt,
  );
  const since = timeOf(task.status.timestamp) - Window / 1e6;
  const restarts = same.slice(1).filter((one) => Window === 0 || timeOf(one.createdAt) > since);
  return restarts.length < MaxAttempts;
}

/** Its last task has ended and is not run again: nothing is missing. */
export function isFinished(service: SwarmService, slot: Slot): boolean {
  const newest = slot.tasks.at(-1);
  if (!newest || newest.desiredState === 'remove' || isWanted(newest)) return false;
  if (service.updateStatus?.state === 'rollback_started') return false;
  return !shouldRestart(service, slot, newest);
}

/** Nothing of it can run any more: on a node that does not answer, that is assumed. */
export const isQuiet = (work: Work, task: SwarmTask): boolean =>
  isOver(task) || !isAssigned(task) || work.node(task.nodeId)?.status.state !== 'ready';
