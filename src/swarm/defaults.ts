/** Docker's defaults of services: `service inspect` with `insertDefaults` shows them, and decisions use them. */
import type { RestartPolicy, ServiceMode, ServiceSpec, TaskSpec, UpdateConfig } from './spec.ts';

const second = 1e9;

export const defaultUpdate = {
  Parallelism: 1,
  FailureAction: 'pause',
  Monitor: 5 * second,
  MaxFailureRatio: 0,
  Order: 'stop-first',
} as const satisfies UpdateConfig;

const defaultRestart = {
  Condition: 'any',
  Delay: 5 * second,
  MaxAttempts: 0,
} as const satisfies RestartPolicy;

/** With what is left open filled in. */
export function withDefaults(spec: ServiceSpec): ServiceSpec {
  const { ContainerSpec, ...template } = spec.TaskTemplate;
  const task: TaskSpec = {
    ...template,
    ...(ContainerSpec
      ? { ContainerSpec: { StopGracePeriod: 10 * second, DNSConfig: {}, ...ContainerSpec } }
      : {}),
    Resources: template.Resources ?? {},
    RestartPolicy: restartPolicy(template),
    Placement: template.Placement ?? {},
  };
  return {
    ...spec,
    TaskTemplate: task,
    // Docker shows them of jobs as well, which are not updated by steps
    UpdateConfig: updateConfig(spec.UpdateConfig),
    RollbackConfig: updateConfig(spec.RollbackConfig),
  };
}

/** Exactly one member is given, with its numbers. */
export function completeMode(mode: ServiceMode | undefined): ServiceMode {
  if (mode?.Global) return { Global: {} };
  if (mode?.GlobalJob) return { GlobalJob: {} };
  if (mode?.ReplicatedJob) {
    const { MaxConcurrent = 1, TotalCompletions = MaxConcurrent } = mode.ReplicatedJob;
    return { ReplicatedJob: { MaxConcurrent, TotalCompletions } };
  }
  return { Replicated: { Replicas: mode?.Replicated?.Replicas ?? 1 } };
}

export const isJob = ({ Mode }: Pick<ServiceSpec, 'Mode'>): boolean =>
  Mode?.ReplicatedJob !== undefined || Mode?.GlobalJob !== undefined;

/** One task on each node that fits. */
export const isGlobal = ({ Mode }: Pick<ServiceSpec, 'Mode'>): boolean =>
  Mode?.Global !== undefined || Mode?.GlobalJob !== undefined;

export const restartPolicy = ({ RestartPolicy }: Pick<TaskSpec, 'RestartPolicy'>) => ({
  ...RestartPolicy,
  Condition: RestartPolicy?.Condition || defaultRestart.Condition,
  Delay: RestartPolicy?.Delay ?? defaultRestart.Delay,
  MaxAttempts: RestartPolicy?.MaxAttempts ?? defaultRestart.MaxAttempts,
});

/** Of a config that is given, a number that is left out is 0, as in the API; 0 of `Monitor` is the default. */
export const updateConfig = (config: Partial<UpdateConfig> | undefined) => ({
  ...defaultUpdate,
  ...config,
  Parallelism: config ? (config.Parallelism ?? 0) : defaultUpdate.Parallelism,
  MaxFailureRatio: config?.MaxFailureRatio ?? 0,
  FailureAction: config?.FailureAction || defaultUpdate.FailureAction,
  Monitor: config?.Monitor || defaultUpdate.Monitor,
  Order: config?.Order || defaultUpdate.Order,
});

/** Those of the task template count where both are given. */
export const networksOf = ({ TaskTemplate, Networks = [] }: ServiceSpec) =>
  TaskTemplate.Networks?.length ? TaskTemplate.Networks : Networks;
