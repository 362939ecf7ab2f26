/** Places on networks of the swarm for containers that are no tasks, before their endpoints are made. */
import { fail, hasCode } from '../../errors.ts';
import type { Container } from '../../model/container.ts';
import type { PreparedEndpoint } from '../../model/driver.ts';
import type { EndpointSpec } from '../../model/endpoint.ts';
import type { Network } from '../../model/network.ts';
import { findNetwork } from '../../model/references.ts';
import type { Core } from '../core.ts';
import { taskLabel } from './task-label.ts';

export type AttachingToSwarm = Pick<Core, 'generate' | 'model' | 'swarm'>;

interface Wanted {
  readonly container: Container;
  readonly specs: readonly EndpointSpec[];
}

/** The places of a task were chosen before. */
export const isTask = ({ swarm }: Pick<Core, 'swarm'>, { config }: Container): boolean =>
  swarm.agent?.isTask(config.Labels[taskLabel] ?? '') === true;

/**
 * Runs `make` with the places by network. Where it fails, and once the container has left, they are given back. Throws the
 * manager's error.
 */
export async function withPlaces<T>(
  core: AttachingToSwarm,
  { container, specs }: Wanted,
  make: (places: ReadonlyMap<string, PreparedEndpoint>) => Promise<T>,
): Promise<T> {
  const places = new Map<string, PreparedEndpoint>();
  const tasks: string[] = [];
  try {
    for (const spec of specs) {
      const place = await placeOn(core, container, spec);
      if (!place) continue;
      tasks.push(place.task.id);
      const [{ addresses = [], mac = '' } = {}] = place.task.attachments;
      places.set(place.network.id, { id: core.generate.id(), addresses, ...(mac && { mac }) });
    }
    return await make(places);
  } finally {
    for (const id of tasks) core.swarm.agent?.attached(id);
  }
}

async function placeOn(core: AttachingToSwarm, container: Container, spec: EndpointSpec) {
  const known = networkOf(core, spec.network);
  const { agent } = core.swarm;
  if (known ? known.scope !== 'swarm' : !agent) return undefined;
  // no address of it is chosen without a manager
  if (!agent) throw fail('SWARM_NO_LEADER');
  const { ipv4 = '', ipv6 = '', aliases } = spec;
  const request = { network: known?.name ?? spec.network, containerId: container.id, name: container.name };
  try {
    return await agent.attach({ ...request, ipv4, ipv6, aliases });
  } catch (error) {
    // an unknown name gets the same error as without a swarm
    if (!known && hasCode(error, 'SWARM_NOT_FOUND')) return undefined;
    throw error;
  }
}

function networkOf({ model }: Pick<Core, 'model'>, ref: string): Network | undefined {
  try {
    return findNetwork(model, ref);
  } catch (error) {
    if (hasCode(error, 'NETWORK_NOT_FOUND')) return undefined;
    throw error;
  }
}
