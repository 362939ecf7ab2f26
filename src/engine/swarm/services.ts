/** Verbs of services, as a manager has them. */
import { fail } from '../../errors.ts';
import { randomName } from '../../model/random-name.ts';
import { findAskedNetwork } from '../../model/references.ts';
import type { SwarmService, SwarmTask } from '../../swarm/records.ts';
import { findObject } from '../../swarm/references.ts';
import type { ServiceSpec } from '../../swarm/spec.ts';
import type { Core } from '../core.ts';
import type { ServiceCounts, SwarmServiceVerbs } from '../swarm-verbs.ts';
import { swarmContext } from './context.ts';
import { type LogSources, logsOfTasks } from './logs.ts';

export type ServiceCore = Pick<Core, 'swarm' | 'generate' | 'model'> & LogSources;

export function serviceVerbs(core: ServiceCore): SwarmServiceVerbs {
  const view = () => core.swarm.store().view;
  const find = (ref: string): SwarmService => findObject(view(), 'services', ref);
  return {
    list: () => [...view().all('services')],
    counts: (id) => countsOf(find(id), view().tasksOfService(id)),
    get: find,
    create: async (asked) => {
      const store = core.swarm.store();
      const { createService } = await import('../../swarm/services.ts');
      const spec = asked.Name === '' ? { ...asked, Name: randomName(core.model, core.generate) } : asked;
      const { id } = await store.transact(createService(spec, serviceContext(core)));
      return { id, warnings: [] };
    },
    update: async (ref, { version, spec, authFrom, rollback }) => {
      const before = find(ref);
      const { updateService } = await import('../../swarm/services.ts');
      const update = { id: before.id, version, spec: withAuth(spec, before, authFrom), rollback };
      await core.swarm.store().transact(updateService(update, serviceContext(core)));
      return { warnings: [] };
    },
    remove: async (ref) => {
      const { id } = find(ref);
      const { removeService } = await import('../../swarm/services.ts');
      await core.swarm.store().transact(removeService(id));
    },
    logs: (ref, options) => logsOfTasks(core, { serviceId: find(ref).id }, options),
  };
}

const serviceContext = (core: ServiceCore) => ({
  ...swarmContext(core),
  localNetwork: (ref: string) => localNetwork(core, ref),
});

/** A network of this host alone, which services cannot be on. */
function localNetwork({ model }: Pick<Core, 'model'>, ref: string) {
  try {
    const { name, predefined, scope } = findAskedNetwork(model, ref);
    return scope === 'swarm' ? undefined : { name, predefined };
  } catch {
    return undefined;
  }
}

/** An update that brings no credentials of the registry keeps those that are there. */
function withAuth(
  spec: ServiceSpec,
  { spec: now, previousSpec }: SwarmService,
  from: 'spec' | 'previous-spec',
): ServiceSpec {
  const container = spec.TaskTemplate.ContainerSpec;
  if (!container || container.PullOptions) return spec;
  const kept = from === 'spec' ? now : previousSpec;
  if (!kept) throw fail('SWARM_FAILED', 'service does not have a previous spec');
  const { PullOptions } = kept.TaskTemplate.ContainerSpec ?? {};
  if (!PullOptions) return spec;
  return { ...spec, TaskTemplate: { ...spec.TaskTemplate, ContainerSpec: { ...container, PullOptions } } };
}

/** As `docker service ls` shows them; of a job those of its last run. */
export function countsOf(
  { spec, jobStatus }: Pick<SwarmService, 'spec' | 'jobStatus'>,
  tasks: Iterable<SwarmTask>,
): ServiceCounts {
  const { Replicated, ReplicatedJob, Global } = spec.Mode ?? {};
  const own = Array.from(tasks).filter(
    ({ jobIteration }) => !jobStatus || jobIteration === jobStatus.iteration,
  );
  const running = own.filter(({ status }) => status.state === 'running').length;
  const isDone = ({ status }: SwarmTask): boolean => status.state === 'complete';
  const completed = jobStatus ? own.filter(isDone).length : 0;
  if (Replicated) return { running, desired: Replicated.Replicas ?? 1, completed };
  if (ReplicatedJob) return { running, desired: ReplicatedJob.MaxConcurrent ?? 1, completed };
  const wanted = Global ? 'running' : 'complete';
  const desired = own.filter((task) => task.desiredState === wanted && !isDone(task)).length;
  return { running, desired, completed };
}
