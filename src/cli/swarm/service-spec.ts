/** From the flags of `service create` to the body of its request. */
import { CliError } from '../failure.ts';
import { capabilitiesOf } from '../spec/capabilities.ts';
import { environmentOf, envOf } from '../spec/environment.ts';
import { healthcheckOf } from '../spec/health.ts';
import { recordOf } from '../spec/labels.ts';
import type { References } from './references.ts';
import type { CreateFlags } from './service-flags.ts';
import {
  attachmentOf,
  type Given,
  hostsEntry,
  restartPolicyOf,
  ulimitSpec,
  updateConfigOf,
} from './service-parts.ts';
import type { Attachment, ContainerSpec, ServiceMode, ServiceSpec, TaskSpec } from './types.ts';

export interface CreateCall {
  readonly flags: CreateFlags;
  readonly given: Given;
  readonly image: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The spec, its networks, secrets and configs by their ids. Throws `CliError`, `EngineError`. */
export async function serviceSpec(call: CreateCall, references: References): Promise<ServiceSpec> {
  const { flags, given } = call;
  const container = await containerSpec(call);
  const mode = serviceMode(flags, given);
  const update = updateConfigOf(call, 'update', undefined);
  const rollback = updateConfigOf(call, 'rollback', undefined);
  if ((mode.ReplicatedJob ?? mode.GlobalJob) && (update ?? rollback))
    throw new CliError('update and rollback configuration is not supported for jobs');
  const networks = await networksOf(flags, references);
  container.Secrets = await references.secrets(flags.secrets);
  const configs = await references.configs(flags.configs, flags.credentialSpec.Config);
  container.Configs = configs;
  container.Privileges = privilegesOf(call, configs);
  return {
    Name: flags.name,
    Labels: recordOf(flags.labels),
    TaskTemplate: { ContainerSpec: container, ...taskOf(call), Networks: networks },
    Mode: mode,
    UpdateConfig: update,
    RollbackConfig: rollback,
    EndpointSpec: { Mode: flags.endpointMode.toLowerCase() || 'vip', Ports: flags.ports.flat() },
  };
}

async function networksOf({ networks }: CreateFlags, references: References): Promise<Attachment[]> {
  const found: Attachment[] = [];
  for (const each of networks) {
    const attachment = attachmentOf(each);
    found.push({ ...attachment, Target: await references.network(attachment.Target) });
  }
  return found.sort((a, b) => (a.Target < b.Target ? -1 : 1));
}

function privilegesOf(
  { flags, given }: CreateCall,
  configs: readonly { readonly ConfigName: string; readonly ConfigID?: string }[],
): ContainerSpec['Privileges'] {
  const spec = flags.credentialSpec;
  if (!given.has('credentialSpec') || Object.keys(spec).length === 0) return undefined;
  const config = configs.find(({ ConfigName }) => ConfigName === spec.Config);
  return { CredentialSpec: config === undefined ? spec : { ...spec, Config: config.ConfigID } };
}

/** Variables: a later one takes the place of an earlier one of its name. */
function withoutEarlier(variables: readonly string[]): string[] {
  const kept: string[] = [];
  for (const variable of variables) {
    const prefix = `${variable.split('=')[0]}=`;
    const at = kept.findIndex((each) => each !== variable && each.startsWith(prefix));
    if (at >= 0) kept.splice(at, 1);
    kept.push(variable);
  }
  return kept;
}

async function containerSpec({ flags, image, args, env, given }: CreateCall): Promise<ContainerSpec> {
  const variables = await environmentOf(
    flags.envFile,
    flags.env.map((text) => envOf(text, env)),
    env,
  );
  const { add, drop } = capabilitiesOf(flags.capAdd, flags.capDrop);
  return {
    Image: image,
    Args: args,
    Command: flags.entrypoint,
    Env: withoutEarlier(variables),
    Hostname: flags.hostname,
    Labels: recordOf(flags.containerLabels),
    Dir: flags.workdir,
    User: flags.user,
    Groups: flags.groups,
    StopSignal: flags.stopSignal,
    TTY: flags.tty,
    ReadOnly: flags.readOnly,
    Mounts: flags.mounts,
    Init: flags.init,
    DNSConfig: { Nameservers: flags.dns, Search: flags.dnsSearch, Options: flags.dnsOptions },
    Hosts: flags.hosts.map(hostsEntry),
    StopGracePeriod: given.has('stopGracePeriod') ? flags.stopGracePeriod : undefined,
    Healthcheck: healthcheckOf(flags),
    Isolation: flags.isolation,
    Sysctls: recordOf(flags.sysctls),
    CapabilityAdd: add,
    CapabilityDrop: drop,
    Ulimits: flags.ulimits.map(ulimitSpec),
    OomScoreAdj: flags.oomScoreAdj,
  };
}

function taskOf({ flags, given }: CreateCall): Omit<TaskSpec, 'ContainerSpec'> {
  const resources = {
    Limits: { NanoCPUs: flags.limitCpu, MemoryBytes: flags.limitMemory, Pids: flags.limitPids },
    Reservations: {
      NanoCPUs: flags.reserveCpu,
      MemoryBytes: flags.reserveMemory,
      GenericResources: [...flags.genericResources],
    },
  };
  const logDriver = { Name: flags.logDriver, Options: recordOf(flags.logOpt) };
  return {
    Resources: resources,
    RestartPolicy: restartPolicyOf({ flags, given }, undefined),
    Placement: {
      Constraints: flags.constraints,
      Preferences: flags.preferences,
      MaxReplicas: flags.maxReplicas,
    },
    LogDriver: flags.logDriver === '' ? undefined : logDriver,
  };
}

function serviceMode(flags: CreateFlags, given: Given): ServiceMode {
  const replicas = given.has('replicas') ? flags.replicas : undefined;
  const concurrent = given.has('maxConcurrent') ? flags.maxConcurrent : undefined;
  const onlyFor = (isAsked: boolean, flag: string, modes: string): void => {
    if (isAsked) throw new CliError(`${flag} can only be used with ${modes} mode`);
  };
  const notGlobal = 'replicated or replicated-job';
  switch (flags.mode) {
    case 'replicated':
      onlyFor(concurrent !== undefined, 'max-concurrent', 'replicated-job');
      return { Replicated: { Replicas: replicas } };
    case 'replicated-job':
      return { ReplicatedJob: { MaxConcurrent: concurrent ?? replicas, TotalCompletions: replicas } };
    case 'global':
    case 'global-job':
      onlyFor(replicas !== undefined, 'replicas', notGlobal);
      onlyFor(flags.maxReplicas > 0, 'replicas-max-per-node', notGlobal);
      onlyFor(concurrent !== undefined, 'max-concurrent', 'replicated-job');
      return flags.mode === 'global' ? { Global: {} } : { GlobalJob: {} };
    default:
      throw new CliError(`Unknown mode: ${flags.mode}, only replicated and global supported`);
  }
}
