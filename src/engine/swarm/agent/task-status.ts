/** States of a task as its node reports them, in Docker's words. Pure. */
import { hasCode, messageOf } from '../../../errors.ts';
import { type SwarmTask, type TaskState, type TaskStatus, taskStates } from '../../../swarm/records.ts';

const rank = (state: TaskState): number => taskStates.indexOf(state);

/** Whether a state comes after another one. */
export const isPast = (state: TaskState, other: TaskState): boolean => rank(state) > rank(other);

/** It has ended, whatever is wanted. */
export const hasEnded = (state: TaskState): boolean => rank(state) >= rank('complete');

/** The task is to end. A job is to be `complete`, for which it has to run. */
export const isToEnd = ({ desiredState }: SwarmTask): boolean => rank(desiredState) >= rank('shutdown');

/** It is held ready until its predecessor has gone. */
export const isToRun = ({ desiredState }: SwarmTask): boolean => rank(desiredState) >= rank('running');

/** Docker's message of each state that is reached. */
const messages: Partial<Record<TaskState, string>> = {
  accepted: 'accepted',
  preparing: 'preparing',
  ready: 'prepared',
  starting: 'starting',
  running: 'started',
  complete: 'finished',
  shutdown: 'shutdown',
};

interface Reached {
  readonly state: TaskState;
  readonly timestamp: string;
  readonly more?: Pick<TaskStatus, 'container' | 'ports'>;
}

/** What was said of it before stays where nothing newer is known. */
export const reached = (before: TaskStatus, { state, timestamp, more }: Reached): TaskStatus => ({
  ...before,
  ...{ timestamp, state, message: messages[state] ?? before.message, error: '' },
  ...more,
});

/** A task that has not started is rejected. The message stays that of the step that failed. */
export const broken = (before: TaskStatus, error: unknown, { timestamp, more }: Omit<Reached, 'state'>) => ({
  ...before,
  ...{ timestamp, state: isPast('starting', before.state) ? ('rejected' as const) : ('failed' as const) },
  error: messageOf(error),
  ...more,
});

/** The end of a container's process as an error; undefined: it has done its work. */
export function exitError(exitCode: number, cause: string): Error | undefined {
  if (exitCode === 0) return undefined;
  return new Error(`task: non-zero exit (${exitCode})${cause === '' ? '' : `: ${cause}`}`);
}

export const unhealthy = 'dockerexec: unhealthy container';

/** Its container is gone, or does not run: what was asked of it is so already. */
export const isGone = (error: unknown): boolean =>
  hasCode(error, 'CONTAINER_NOT_FOUND', 'CONTAINER_ALREADY', 'CONTAINER_NOT_RUNNING');
