/** The order of a task's states, and what follows from it. */
import { type SwarmTask, type TaskState, taskStates } from './records.ts';

const order = new Map<TaskState, number>(taskStates.map((state, i) => [state, i]));

/** Less than 0 where `a` comes before `b`. */
export const compareStates = (a: TaskState, b: TaskState): number =>
  (order.get(a) ?? 0) - (order.get(b) ?? 0);

/** Its process has ended, or will never be. */
export const isOver = ({ status }: Pick<SwarmTask, 'status'>): boolean =>
  compareStates(status.state, 'running') > 0;

/** A node has to do with it. */
export const isAssigned = ({ status }: Pick<SwarmTask, 'status'>): boolean =>
  compareStates(status.state, 'assigned') >= 0;

/** Its service wants it to run, now or later; a task of a job until it is complete. */
export const isWanted = ({ desiredState }: Pick<SwarmTask, 'desiredState'>): boolean =>
  compareStates(desiredState, 'complete') <= 0;
