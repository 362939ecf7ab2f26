/** From the flags of `service update` to the changed spec. */
import { CliError } from '../failure.ts';
import { recordOf } from '../spec/labels.ts';
import type { References } from './references.ts';
import { updateLists } from './service-lists.ts';
import {
  anyGiven,
  attachmentOf,
  checkHealthFlags,
  type Given,
  restartPolicyOf,
  updateConfigOf,
} from './service-parts.ts';
import type { ContainerSpec, ServiceSpec, TaskSpec } from './types.ts';
import { updateCapabilities } from './update-capabilities.ts';
import { updateConfigs, updateCredentials, updateSecrets } from './update-files.ts';
import type { UpdateCall } from './update-flags.ts';

/** The spec as the flags want it; fields that no flag speaks of stay. Throws `CliError`, `EngineError`. */
export async function updatedSpec(
  before: ServiceSpec,
  call: UpdateCall,
  references: References,
): Promise<ServiceSpec> {
  const spec = structuredClone(before);
  const { flags, given } = call;
  spec.TaskTemplate.ContainerSpec ??= {};
  const container = spec.TaskTemplate.ContainerSpec;
  updateContainer(container, call);
  updateTask(spec.TaskTemplate, call);
  updateLists(spec, call);
  if (anyNetwork(given)) await updateNetworks(spec, call, references);
  updateMode(spec, call);
  spec.UpdateConfig = updateConfigOf(call, 'update', spec.UpdateConfig);
  spec.RollbackConfig = updateConfigOf(call, 'rollback', spec.RollbackConfig);
  if (given.has('endpointMode')) spec.EndpointSpec = { ...spec.EndpointSpec, Mode: flags.endpointMode };
  container.Secrets = await updateSecrets(container, call, references);
  container.Configs = await updateConfigs(container, call, references);
  updateCredentials(container, call);
  return spec;
}

const anyNetwork = (given: Given): boolean => given.has('networkAdd') || given.has('networkRemove');

function updateContainer(container: ContainerSpec, { flags, given }: UpdateCall): void {
  if (given.has('image')) container.Image = flags.image;
  if (given.has('args')) container.Args = flags.args;
  if (given.has('entrypoint')) container.Command = flags.entrypoint;
  if (given.has('workdir')) container.Dir = flags.workdir;
  if (given.has('user')) container.User = flags.user;
  if (given.has('hostname')) container.Hostname = flags.hostname;
  if (given.has('init')) container.Init = flags.init;
  if (given.has('isolation')) container.Isolation = flags.isolation;
  if (given.has('oomScoreAdj')) container.OomScoreAdj = flags.oomScoreAdj;
  if (given.has('stopGracePeriod')) container.StopGracePeriod = flags.stopGracePeriod;
  if (given.has('tty')) container.TTY = flags.tty;
  if (given.has('readOnly')) container.ReadOnly = flags.readOnly;
  if (given.has('stopSignal')) container.StopSignal = flags.stopSignal;
  updateHealth(container, { flags, given });
  if (given.has('capAdd') || given.has('capDrop')) updateCapabilities(container, flags);
}

const healthNames = [
  'healthCmd',
  'healthInterval',
  'healthRetries',
  'healthTimeout',
  'healthStartPeriod',
  'healthStartInterval',
] as const;

function updateHealth(container: ContainerSpec, { flags, given }: Omit<UpdateCall, 'env'>): void {
  if (!anyGiven(given, [...healthNames, 'noHealthcheck'])) return;
  checkHealthFlags(flags.noHealthcheck, anyGiven(given, healthNames));
  if (flags.noHealthcheck) {
    container.Healthcheck = { Test: ['NONE'] };
    return;
  }
  const before = container.Healthcheck ?? {};
  const command = flags.healthCmd === '' ? undefined : ['CMD-SHELL', flags.healthCmd];
  const kept = before.Test?.[0] === 'NONE' ? undefined : before.Test;
  container.Healthcheck = {
    ...before,
    Test: given.has('healthCmd') ? command : kept,
    ...(given.has('healthInterval') ? { Interval: flags.healthInterval } : {}),
    ...(given.has('healthTimeout') ? { Timeout: flags.healthTimeout } : {}),
    ...(given.has('healthStartPeriod') ? { StartPeriod: flags.healthStartPeriod } : {}),
    ...(given.has('healthStartInterval') ? { StartInterval: flags.healthStartInterval } : {}),
    ...(given.has('healthRetries') ? { Retries: flags.healthRetries } : {}),
  };
}

function updateTask(task: TaskSpec, { flags, given }: UpdateCall): void {
  updateResources(task, { flags, given });
  task.RestartPolicy = restartPolicyOf({ flags, given }, task.RestartPolicy);
  if (given.has('maxReplicas')) task.Placement = { ...task.Placement, MaxReplicas: flags.maxReplicas };
  // The options of a driver that is named again are all replaced.
  if (given.has('logDriver') && flags.logDriver !== '')
    task.LogDriver = { Name: flags.logDriver, Options: recordOf(flags.logOpt) };
  if (flags.force) task.ForceUpdate = (task.ForceUpdate ?? 0) + 1;
}

function updateResources(task: TaskSpec, { flags, given }: Omit<UpdateCall, 'env'>): void {
  const limited = anyGiven(given, ['limitCpu', 'limitMemory', 'limitPids']);
  const reserved = anyGiven(given, ['reserveCpu', 'reserveMemory']);
  const generic = given.has('genericResourceAdd') || given.has('genericResourceRemove');
  if (!limited && !reserved && !generic) return;
  const limits = { ...task.Resources?.Limits };
  const reservations = { ...task.Resources?.Reservations };
  if (given.has('limitCpu')) limits.NanoCPUs = flags.limitCpu;
  if (given.has('limitMemory')) limits.MemoryBytes = flags.limitMemory;
  if (given.has('limitPids')) limits.Pids = flags.limitPids;
  if (given.has('reserveCpu')) reservations.NanoCPUs = flags.reserveCpu;
  if (given.has('reserveMemory')) reservations.MemoryBytes = flags.reserveMemory;
  const byKind = new Map(
    [...(reservations.GenericResources ?? []), ...flags.genericResourceAdd].map((each) => [
      each.DiscreteResourceSpec?.Kind ?? each.NamedResourceSpec?.Kind ?? '',
      each,
    ]),
  );
  for (const kind of flags.genericResourceRemove)
    if (!byKind.delete(kind)) throw new CliError(`could not find generic-resource \`${kind}\` to remove it`);
  if (generic) reservations.GenericResources = [...byKind.values()];
  task.Resources = { ...task.Resources, Limits: limits, Reservations: reservations };
}

function updateMode(spec: ServiceSpec, { flags, given }: UpdateCall): void {
  if (!given.has('replicas')) return;
  if (spec.Mode?.Replicated === undefined)
    throw new CliError('replicas can only be used with replicated mode');
  spec.Mode.Replicated.Replicas = flags.replicas;
}

async function updateNetworks(
  spec: ServiceSpec,
  { flags }: UpdateCall,
  references: References,
): Promise<void> {
  const own = spec.TaskTemplate.Networks ?? [];
  // Old specs have them at the service, not at its tasks.
  const before = own.length > 0 ? own : (spec.Networks ?? []);
  spec.Networks = undefined;
  const removed = new Set<string>();
  for (const name of flags.networkRemove) removed.add(await references.network(name));
  const networks = before.filter(({ Target }) => !removed.has(Target));
  for (const each of flags.networkAdd) {
    const attachment = attachmentOf(each);
    const id = await references.network(attachment.Target);
    if (networks.some(({ Target }) => Target === id))
      throw new CliError(`service is already attached to network ${attachment.Target}`);
    networks.push({ ...attachment, Target: id });
  }
  spec.TaskTemplate.Networks = networks.sort((a, b) => (a.Target < b.Target ? -1 : 1));
}
