/** All that the leader does for one service. Each part leaves what is right as it is. */
import { isGlobal, isJob } from '../defaults.ts';
import type { SwarmService } from '../records.ts';
import { assignWaiting } from './assigning.ts';
import { countNodes, countReplicas } from './counting.ts';
import { endDraining, endRemains, forget, startReady } from './ending.ts';
import { giveEndpoint } from './endpoint.ts';
import { countCompletions, countRuns, endFormerRuns } from './jobs.ts';
import { replaceEnded } from './replacing.ts';
import { update } from './updating.ts';
import type { Work } from './work.ts';

export interface Tended {
  /** A task waits for a node, an address or a port. */
  readonly waits: boolean;
  /** A task waits until nodes know that it gets no new connections. */
  readonly drains: boolean;
}

export function tendService(work: Work, id: string): Tended {
  const record = work.view.get('services', id);
  if (!record) endRemains(work, id);
  const waits = record ? tend(work, record) : false;
  const drains = Array.from(work.view.tasksOfService(id)).some(({ drainingSince }) => drainingSince);
  return { waits, drains };
}

function tend(work: Work, record: SwarmService): boolean {
  const { service, problem } = giveEndpoint(work, record);
  replaceEnded(work, service);
  const current = isJob(service.spec) ? tendJob(work, service) : tendTasks(work, service);
  startReady(work, current);
  endDraining(work, current.id);
  const waits = assignWaiting(work, current, { problem });
  forget(work, current);
  return waits;
}

function tendTasks(work: Work, service: SwarmService): SwarmService {
  if (isGlobal(service.spec)) countNodes(work, service);
  else countReplicas(work, service);
  return update(work, service);
}

function tendJob(work: Work, service: SwarmService): SwarmService {
  endFormerRuns(work, service);
  if (isGlobal(service.spec)) countRuns(work, service);
  else countCompletions(work, service);
  return service;
}
