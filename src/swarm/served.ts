/** Services as nodes lead to them: by virtual addresses in networks, and by ports that each node serves. */
import type { Backend, MeshBackend, MeshPort, VirtualService } from '../model/virtual-service.ts';
import { bare } from '../net/address.ts';
import { networksOf } from './defaults.ts';
import { isOpen, isServed } from './given-task.ts';
import type { SwarmService, SwarmTask, SwarmView } from './records.ts';
import { isIngressPort } from './service-links.ts';
import { byAge } from './task-state.ts';
import { taskName } from './templates.ts';

export interface Served {
  /** One for each network that the service is on. */
  readonly services: readonly VirtualService[];
  readonly meshPorts: readonly MeshPort[];
}

/** Where its tasks are on record as backends: they run, and may drain. */
export function served(view: SwarmView, service: SwarmService): Served {
  const tasks = Array.from(view.tasksOfService(service.id))
    .filter((task) => isBackend(task) && view.get('nodes', task.nodeId)?.status.state !== 'down')
    .sort(byAge);
  const networks = networksOf(service.spec).filter(({ Target = '' }) => hasAddresses(view, Target));
  return {
    services: networks.map(({ Target = '', Aliases = [] }) => ({
      id: `${service.id} ${Target}`,
      serviceId: service.id,
      networkId: Target,
      name: service.spec.Name,
      aliases: [...new Set(Aliases)].filter((alias) => alias !== service.spec.Name),
      addresses: (service.endpoint?.addresses ?? [])
        .filter(({ networkId }) => networkId === Target)
        .map(({ address }) => bare(address)),
      backends: tasks.flatMap((task) => backendOn(task, Target)),
    })),
    meshPorts: meshPortsOf(service, tasks),
  };
}

const isBackend = (task: SwarmTask): boolean => isServed(task) && task.status.state === 'running';

function hasAddresses(view: SwarmView, networkId: string): boolean {
  return (view.get('networks', networkId)?.network.ipam.pools.length ?? 0) > 0;
}

function backendOn(task: SwarmTask, networkId: string): readonly Backend[] {
  const found = task.attachments.find((one) => one.networkId === networkId);
  if (!found) return [];
  return [{ id: task.id, addresses: found.addresses.map(bare), open: isOpen(task) }];
}

function meshPortsOf(service: SwarmService, tasks: readonly SwarmTask[]): readonly MeshPort[] {
  const ports = (service.endpoint?.ports ?? []).filter((port) => isIngressPort(port) && port.PublishedPort);
  return ports.map(({ Protocol, PublishedPort = 0, TargetPort = 0 }) => ({
    id: `${Protocol || 'tcp'} ${PublishedPort}`,
    protocol: Protocol || 'tcp',
    port: PublishedPort,
    targetPort: TargetPort,
    serviceId: service.id,
    serviceName: service.spec.Name,
    backends: tasks.flatMap((task) => meshBackend(task, { target: TargetPort, published: PublishedPort })),
  }));
}

/** A task that was made before the port was published does not have it. */
function meshBackend(
  task: SwarmTask,
  { target, published }: { readonly target: number; readonly published: number },
): readonly MeshBackend[] {
  const has = task.ports.some(
    (port) => isIngressPort(port) && port.TargetPort === target && port.PublishedPort === published,
  );
  if (!has) return [];
  const { id, nodeId } = task;
  return [{ id, open: isOpen(task), nodeId, container: taskName(task) }];
}

/** Ids of the networks that it is on. */
export const networkIdsOf = ({ spec, endpoint }: SwarmService): ReadonlySet<string> =>
  new Set([
    ...networksOf(spec).map(({ Target = '' }) => Target),
    ...(endpoint?.addresses ?? []).map(({ networkId }) => networkId),
  ]);

export const isPublished = ({ endpoint }: SwarmService): boolean =>
  (endpoint?.ports ?? []).some((port) => isIngressPort(port) && port.PublishedPort);

/** What of a service counts for those that are led to it, as a text. */
export const serviceText = ({ spec, endpoint }: SwarmService): string =>
  JSON.stringify([spec.Name, networksOf(spec), endpoint]);

/** What of a task counts for those that are led to it. */
export function backendOf(task: SwarmTask | undefined): object | undefined {
  if (!task || !isBackend(task)) return undefined;
  const { nodeId, attachments, ports } = task;
  return { nodeId, attachments, ports, open: isOpen(task) };
}
