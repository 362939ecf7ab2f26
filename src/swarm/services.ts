/** Transitions of services. */
import { isDeepStrictEqual } from 'node:util';
import { fail } from '../errors.ts';
import { type SwarmContext, timeText } from './context.ts';
import { completeMode, isJob } from './defaults.ts';
import type { SwarmService, SwarmTransition } from './records.ts';
import { checkServiceSpec } from './service-checks.ts';
import {
  checkFilesExist,
  checkIngress,
  checkPorts,
  type LocalNetworks,
  withNetworkIds,
} from './service-links.ts';
import type { ServiceSpec } from './spec.ts';
import { current, newMeta } from './versions.ts';

export type ServiceContext = SwarmContext & LocalNetworks;

export interface ServiceUpdate {
  readonly id: string;
  readonly version: number;
  /** Checked also for a rollback, and then not used. */
  readonly spec: ServiceSpec;
  /** Back to the spec before. */
  readonly rollback: boolean;
}

/** Throws in Docker's words. */
export const createService =
  (asked: ServiceSpec, context: ServiceContext): SwarmTransition<SwarmService> =>
  (view) => {
    checkServiceSpec(asked);
    const spec = withNetworkIds(view, { ...asked, Mode: completeMode(asked.Mode) }, context);
    checkPorts(view, spec);
    checkIngress(view, spec);
    checkFilesExist(view, spec);
    if (view.byName('services', spec.Name))
      throw fail(
        'SWARM_EXISTS',
        `name conflicts with an existing object: service ${spec.Name} already exists`,
      );
    const meta = newMeta(context);
    const job = isJob(spec) ? { jobStatus: { iteration: 0, lastExecution: meta.createdAt } } : {};
    const put: SwarmService = { ...meta, spec, specVersion: 0, ...job };
    return { changes: [{ table: 'services', put }], result: put };
  };

/** Throws in Docker's words. */
export const updateService =
  (update: ServiceUpdate, context: ServiceContext): SwarmTransition<SwarmService> =>
  (view) => {
    checkServiceSpec(update.spec);
    const before = current(view, 'services', update);
    const asked = withNetworkIds(view, { ...update.spec, Mode: completeMode(update.spec.Mode) }, context);
    if (asked.EndpointSpec && !isDeepStrictEqual(asked.EndpointSpec, before.spec.EndpointSpec))
      checkPorts(view, asked, before.id);
    refuseChanges(before.spec, asked);
    checkFilesExist(view, asked);
    const changed = update.rollback ? rolledBack(before, context) : updated(before, asked);
    checkIngress(view, changed.spec);
    const at = timeText(context.now);
    const job = before.jobStatus && { iteration: before.jobStatus.iteration + 1, lastExecution: at };
    const generation = (before.generation ?? 0) + 1;
    const put: SwarmService = { ...changed, generation, updatedAt: at, ...(job ? { jobStatus: job } : {}) };
    return { changes: [{ table: 'services', put }], result: put };
  };

function refuseChanges(before: ServiceSpec, asked: ServiceSpec): void {
  const moved = !isDeepStrictEqual(asked.Networks ?? [], before.Networks ?? []);
  if (moved && isDeepStrictEqual(asked.TaskTemplate.Networks ?? [], before.TaskTemplate.Networks ?? []))
    throw fail('SWARM_UNIMPLEMENTED', 'networks must be migrated to TaskSpec before being changed');
  if (Object.keys(completeMode(before.Mode))[0] !== Object.keys(completeMode(asked.Mode))[0])
    throw fail('SWARM_UNIMPLEMENTED', 'service mode change is not allowed');
  if (before.Name !== asked.Name) throw fail('SWARM_UNIMPLEMENTED', 'renaming services is not supported');
}

/** Tasks know their spec by its version: the record's version before the change, which is never used twice. */
function updated({ updateStatus: _, ...before }: SwarmService, spec: ServiceSpec): SwarmService {
  return {
    ...before,
    spec,
    specVersion: before.version,
    previousSpec: before.spec,
    previousSpecVersion: before.specVersion,
  };
}

function rolledBack(before: SwarmService, { now }: SwarmContext): SwarmService {
  const { previousSpec, previousSpecVersion = 0 } = before;
  if (!previousSpec) throw fail('SWARM_PRECONDITION', `service ${before.id} does not have a previous spec`);
  const turned: SwarmService = {
    ...before,
    spec: previousSpec,
    specVersion: previousSpecVersion,
    previousSpec: before.spec,
    previousSpecVersion: before.specVersion,
  };
  // a job runs once more, and has no update
  if (isJob(before.spec)) return turned;
  const message = 'manually requested rollback';
  return { ...turned, updateStatus: { state: 'rollback_started', startedAt: timeText(now), message } };
}

/** Its tasks end and go; the leader sees to it. */
export const removeService =
  (id: string): SwarmTransition<SwarmService> =>
  (view) => {
    const service = view.get('services', id);
    if (!service) throw fail('SWARM_OBJECT_NOT_FOUND', 'service', id);
    return { changes: [{ table: 'services', remove: id }], result: service };
  };
