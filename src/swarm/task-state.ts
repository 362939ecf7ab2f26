/** The order of a task's states, and what follows from it. */
import { type SwarmTask, type TaskState, taskStates } from './records.ts';

const order = new Map<TaskState, number>(taskStates.map((state, i) => [state, i]));

/** Less than 0 where `a` comes before `b`. */
export const compareStates = (a: TaskState, b: TaskState): number =>
  (order.get(a) ?? 0) - (order.get(b) ?? 0);

const statesFrom = (state: TaskState): ReadonlySet<TaskState> =>
  new Set(taskStates.slice(taskStates.indexOf(state)));
const [over, assigned] = [statesFrom('complete'), statesFrom('assigned')];
const unwanted = statesFrom('shutdown');

/** Its process has ended, or will never be. */
export const isOver = ({ status }: Pick<SwarmTask, 'status'>): boolean => over.has(status.state);

/** A node has to do with it. */
export const isAssigned = ({ status }: Pick<SwarmTask, 'status'>): boolean => assigned.has(status.state);

/** Its service wants it to run, now or later; a task of a job until it is complete. */
export const isWanted = ({ desiredState }: Pick<SwarmTask, 'desiredState'>): boolean =>
  !unwanted.has(desiredState);

/** Oldest first. */
export const byAge = (a: SwarmTask, b: SwarmTask): number =>
  a.createdAt < b.createdAt ? -1 : a.createdAt > b.createdAt ? 1 : a.id < b.id ? -1 : 1;
