/** Services (Docker Engine API 1.50: swarm.Service). */
import type { ServiceCounts } from '../../engine/swarm-verbs.ts';
import { withDefaults } from '../../swarm/defaults.ts';
import type { SwarmService, UpdateStatus } from '../../swarm/records.ts';
import type { ServiceSpec, TaskSpec } from '../../swarm/spec.ts';
import { omitEmpty } from '../create/omit-empty.ts';
import { presentAnnotations, presentMeta } from './swarm.ts';

export interface ServiceOptions {
  /** What swarm mode does where the spec says nothing is shown, too. */
  readonly withDefaults?: boolean;
  readonly counts?: ServiceCounts;
}

export function presentService(service: SwarmService, options: ServiceOptions = {}): object {
  const { previousSpec: previous, updateStatus, jobStatus } = service;
  const { counts } = options;
  return {
    ...presentMeta(service),
    Spec: presentSpec(options.withDefaults ? withDefaults(service.spec) : service.spec),
    ...(previous && { PreviousSpec: presentSpec(previous) }),
    Endpoint: presentEndpoint(service),
    ...(updateStatus && { UpdateStatus: presentUpdate(updateStatus) }),
    ...(counts && { ServiceStatus: presentCounts(counts) }),
    ...(jobStatus && {
      JobStatus: {
        JobIteration: presentIteration(jobStatus.iteration),
        LastExecution: jobStatus.lastExecution,
      },
    }),
  };
}

export const presentIteration = (index: number): object => omitEmpty({ Index: index });

function presentSpec(spec: ServiceSpec): object {
  const { Name: _name, Labels: _labels, TaskTemplate, ...rest } = spec;
  return { ...presentAnnotations(spec), TaskTemplate: presentTaskSpec(TaskTemplate), ...rest };
}

/** Without credentials. */
export function presentTaskSpec(spec: TaskSpec): object {
  if (!spec.ContainerSpec) return spec;
  const { PullOptions: _secret, ...container } = spec.ContainerSpec;
  return { ...spec, ContainerSpec: container };
}

/** Nothing was given to a service that neither has a virtual address nor publishes a port. */
function presentEndpoint({ endpoint }: SwarmService): object {
  if (!endpoint || endpoint.ports.length + endpoint.addresses.length === 0) return { Spec: {} };
  return {
    Spec: endpoint.spec,
    ...omitEmpty({
      Ports: endpoint.ports,
      VirtualIPs: endpoint.addresses.map(({ networkId, address }) => ({
        NetworkID: networkId,
        Addr: address,
      })),
    }),
  };
}

const presentUpdate = ({ state, startedAt, completedAt, message }: UpdateStatus): object => ({
  ...{ State: state, StartedAt: startedAt },
  ...omitEmpty({ CompletedAt: completedAt, Message: message }),
});

const presentCounts = ({ running, desired, completed: done }: ServiceCounts): object => ({
  ...{ RunningTasks: running, DesiredTasks: desired, CompletedTasks: done },
});
