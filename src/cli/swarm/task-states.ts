/** States of tasks, in the order in which a task goes through them. */
import { taskStates } from '../../swarm/records.ts';

/** Those that progress shows: a task that is removed or orphaned has no place among them. */
const order: readonly string[] = taskStates.slice(0, taskStates.indexOf('remove'));

/** From 1; 0 for states without a place in it, as `orphaned`. */
export const stateNumber = (state: string): number => order.indexOf(state) + 1;

export const running = stateNumber('running');
export const complete = stateNumber('complete');

/** Whether a task in that state has ended, or is about to. */
export const isTerminal = (state: string): boolean => stateNumber(state) > running;

/** Width of the longest state that progress shows. */
export const stateWidth = 'preparing'.length;
