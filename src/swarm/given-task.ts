/** A task as its node is given it: a change of its status on its node changes nothing of it. */

import type { SwarmTask } from './records.ts';
import type { LogDriver } from './spec.ts';
import { isAssigned, isOver, isWanted } from './task-state.ts';

/** What is given for a record does not change with the rest of the records. */
const known = new WeakMap<SwarmTask, { readonly driver: LogDriver | undefined; readonly given: SwarmTask }>();

/** The driver of the swarm counts where the task has none. */
export function givenTask(task: SwarmTask, driver: LogDriver | undefined): SwarmTask {
  const before = known.get(task);
  if (before && before.driver === driver) return before.given;
  const { drainingSince, runningSince: _, ...rest } = task;
  // it runs on until the nodes that lead to it know that it gets no more
  const desiredState = drainingSince && !isOver(task) ? 'running' : task.desiredState;
  const spec = driver && !task.spec.LogDriver ? { ...task.spec, LogDriver: driver } : task.spec;
  const state = isOver(task) ? task.status.state : 'assigned';
  const given: SwarmTask = {
    ...rest,
    version: 0,
    updatedAt: task.createdAt,
    spec,
    desiredState,
    status: { timestamp: task.createdAt, state, message: '', error: '' },
  };
  known.set(task, { driver, given });
  return given;
}

/** Its node has to do with it. What a node has of one that counts as gone is removed there. */
export const isGiven = (task: SwarmTask): boolean => isAssigned(task) && task.status.state !== 'orphaned';

/** It has, or is to have, a place in its networks. */
export const isLive = (task: SwarmTask): boolean => isAssigned(task) && !isOver(task);

/** By an address in a network or a port others are led to it; a standalone container is no task of a service. */
export const isServed = ({ serviceId, attachments, ports }: SwarmTask): boolean =>
  serviceId !== '' && (ports.length > 0 || attachments.some(({ addresses }) => addresses.length > 0));

/** It gets new connections. */
export const isOpen = (task: SwarmTask): boolean => task.status.state === 'running' && isWanted(task);
