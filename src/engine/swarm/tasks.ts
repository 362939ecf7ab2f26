/** Verbs of tasks, as a manager has them. */
import { isDeepStrictEqual } from 'node:util';
import type { SwarmTask, SwarmView } from '../../swarm/records.ts';
import { findObject } from '../../swarm/references.ts';
import type { TaskSpec } from '../../swarm/spec.ts';
import type { Core } from '../core.ts';
import type { SwarmTaskVerbs } from '../swarm-verbs.ts';
import { type LogSources, logsOfTasks } from './logs.ts';

export function taskVerbs(core: Pick<Core, 'swarm'> & LogSources): SwarmTaskVerbs {
  const view = () => core.swarm.store().view;
  const find = (ref: string): SwarmTask => findObject(view(), 'tasks', ref);
  return {
    // a place of a standalone container on a network is no task of a service
    list: () => Array.from(view().all('tasks')).filter(({ spec }) => spec.ContainerSpec),
    get: find,
    isUpToDate: (task) => isUpToDate(view(), task),
    network: (id) => view().get('networks', id),
    logs: (ref, options) => logsOfTasks(core, { taskId: find(ref).id }, options),
  };
}

/** A scale changes the service's version and leaves the tasks as they are to be. */
export function isUpToDate(view: SwarmView, task: SwarmTask): boolean {
  const service = view.get('services', task.serviceId);
  if (!service) return false;
  if (task.jobIteration !== undefined) return task.jobIteration === service.jobStatus?.iteration;
  if (task.specVersion === service.specVersion) return true;
  return isDeepStrictEqual(compared(task.spec), compared(service.spec.TaskTemplate));
}

/** Credentials do not matter to a task that runs, and both run containers. */
function compared({ ContainerSpec, Runtime: _runtime, ...spec }: TaskSpec): object {
  const { PullOptions: _auth, ...container } = ContainerSpec ?? {};
  return { ...spec, container };
}
