/** From a service of a Compose file to the spec that the API takes. */
import { parseDuration } from '../../go/duration.ts';
import { isReservedName } from '../../model/predefined-names.ts';
import { CliError } from '../failure.ts';
import { capabilitiesOf } from '../spec/capabilities.ts';
import type { Healthcheck } from '../spec/health.ts';
import { parseCpus, parseRestart } from '../spec/hosts.ts';
import { hostsEntry, sorted } from '../swarm/service-parts.ts';
import type {
  Attachment,
  ConfigReference,
  ContainerSpec,
  CredentialSpec,
  Port,
  Resources,
  RestartPolicy,
  SecretReference,
  ServiceMode,
  ServiceSpec,
  TaskSpec,
  UlimitSpec,
  UpdateConfig,
} from '../swarm/types.ts';
import { mountOf } from './convert-volume.ts';
import {
  imageLabel,
  listOf,
  type Namespace,
  numberOf,
  objectOf,
  textListOf,
  textOf,
  textsOf,
} from './namespace.ts';
import type { Json, JsonObject } from './yaml.ts';

export interface ServiceParts {
  readonly name: string;
  readonly namespace: Namespace;
  /** The whole file. */
  readonly config: JsonObject;
  readonly secrets: readonly SecretReference[];
  readonly configs: readonly ConfigReference[];
}

/** Networks are still named. Throws `CliError`. */
export function convertService(own: JsonObject, parts: ServiceParts): ServiceSpec {
  const { name, namespace } = parts;
  const deploy = objectOf(own.deploy);
  const placement = objectOf(deploy.placement);
  const task: TaskSpec = {
    ContainerSpec: containerOf(own, parts),
    LogDriver: own.logging === undefined ? undefined : loggingOf(objectOf(own.logging)),
    Resources: resourcesOf(objectOf(deploy.resources)),
    RestartPolicy: restartOf(textOf(own.restart), deploy.restart_policy),
    Placement: {
      Constraints: textListOf(placement.constraints),
      Preferences: listOf(placement.preferences).map((each) => ({
        Spread: { SpreadDescriptor: textOf(objectOf(each).spread) },
      })),
      MaxReplicas: numberOf(placement.max_replicas_per_node),
    },
    Networks: networksOf(own, parts),
  };
  return {
    Name: namespace.scope(name),
    Labels: { ...namespace.labels(deploy.labels), [imageLabel]: textOf(own.image) },
    TaskTemplate: task,
    Mode: modeOf(textOf(deploy.mode), numberOf(deploy.replicas)),
    UpdateConfig: updateOf(deploy.update_config),
    RollbackConfig: updateOf(deploy.rollback_config),
    EndpointSpec: { Mode: textOf(deploy.endpoint_mode).toLowerCase(), Ports: portsOf(own.ports) },
  };
}

const durationOf = (value: Json | undefined): number | undefined =>
  value === undefined ? undefined : parseDuration(textOf(value));

function containerOf(own: JsonObject, parts: ServiceParts): ContainerSpec {
  const { namespace, config } = parts;
  const { add, drop } = capabilitiesOf(textListOf(own.cap_add), textListOf(own.cap_drop));
  const hasDns = own.dns !== undefined || own.dns_search !== undefined;
  return {
    Image: textOf(own.image),
    Command: textListOf(own.entrypoint),
    Args: textListOf(own.command),
    Hostname: textOf(own.hostname),
    Hosts: textListOf(own.extra_hosts).map(hostsEntry),
    DNSConfig: hasDns ? { Nameservers: textListOf(own.dns), Search: textListOf(own.dns_search) } : undefined,
    Healthcheck: own.healthcheck === undefined ? undefined : healthOf(objectOf(own.healthcheck)),
    Env: Object.entries(objectOf(own.environment))
      .map(([name, value]) => (value === null ? name : `${name}=${value}`))
      .sort((a, b) => (a < b ? -1 : 1)),
    Labels: namespace.labels(own.labels),
    Dir: textOf(own.working_dir),
    User: textOf(own.user),
    Mounts: listOf(own.volumes).map((each) =>
      mountOf(objectOf(each), { volumes: objectOf(config.volumes), namespace }),
    ),
    StopGracePeriod: durationOf(own.stop_grace_period),
    StopSignal: textOf(own.stop_signal),
    TTY: own.tty === true,
    OpenStdin: own.stdin_open === true,
    Secrets: parts.secrets,
    Configs: parts.configs,
    ReadOnly: own.read_only === true,
    Privileges: { CredentialSpec: credentialsOf(objectOf(own.credential_spec), parts) },
    Isolation: textOf(own.isolation),
    Init: typeof own.init === 'boolean' ? own.init : undefined,
    Sysctls: textsOf(own.sysctls),
    CapabilityAdd: add,
    CapabilityDrop: drop,
    Ulimits: ulimitsOf(objectOf(own.ulimits)),
    OomScoreAdj: numberOf(own.oom_score_adj),
  };
}

function healthOf(own: JsonObject): Healthcheck {
  const test = textListOf(own.test);
  if (own.disable === true) {
    if (test.length > 0) throw new CliError("test and disable can't be set at the same time");
    return { Test: ['NONE'] };
  }
  return {
    Test: test,
    Timeout: durationOf(own.timeout),
    Interval: durationOf(own.interval),
    Retries: numberOf(own.retries),
    StartPeriod: durationOf(own.start_period),
    StartInterval: durationOf(own.start_interval),
  };
}

const loggingOf = (own: JsonObject): TaskSpec['LogDriver'] => ({
  Name: textOf(own.driver),
  Options: textsOf(own.options),
});

/** `deploy.restart_policy`, or else the `restart` of single containers. */
function restartOf(restart: string, policy: Json | undefined): RestartPolicy | undefined {
  if (policy !== undefined) {
    const own = objectOf(policy);
    return {
      Condition: textOf(own.condition),
      Delay: durationOf(own.delay),
      MaxAttempts: numberOf(own.max_attempts),
      Window: durationOf(own.window),
    };
  }
  const { Name, MaximumRetryCount } = parsedRestart(restart);
  if (Name === 'no' || Name === '') return undefined;
  if (Name === 'always' || Name === 'unless-stopped') return { Condition: 'any' };
  if (Name === 'on-failure') return { Condition: 'on-failure', MaxAttempts: MaximumRetryCount };
  throw new CliError(`unknown restart policy: ${restart}`);
}

function parsedRestart(text: string): ReturnType<typeof parseRestart> {
  try {
    return parseRestart(text);
  } catch (thrown) {
    throw new CliError(thrown instanceof Error ? thrown.message : String(thrown), { cause: thrown });
  }
}

function updateOf(value: Json | undefined): UpdateConfig | undefined {
  if (value === undefined) return undefined;
  const own = objectOf(value);
  return {
    Parallelism: numberOf(own.parallelism) ?? 1,
    Delay: durationOf(own.delay),
    FailureAction: textOf(own.failure_action),
    Monitor: durationOf(own.monitor),
    MaxFailureRatio: numberOf(own.max_failure_ratio) ?? 0,
    Order: textOf(own.order),
  };
}

function resourcesOf({ limits, reservations }: JsonObject): TaskSpec['Resources'] {
  const common = (own: JsonObject): Resources => ({
    NanoCPUs: own.cpus === undefined ? undefined : cpusOf(textOf(own.cpus)),
    MemoryBytes: own.memory === undefined ? undefined : Number(own.memory),
  });
  const [limited, reserved] = [objectOf(limits), objectOf(reservations)];
  return {
    Limits: limits === undefined ? undefined : { ...common(limited), Pids: numberOf(limited.pids) },
    Reservations:
      reservations === undefined
        ? undefined
        : {
            ...common(reserved),
            GenericResources: listOf(reserved.generic_resources).map((each) => {
              const { kind, value } = objectOf(objectOf(each).discrete_resource_spec);
              return { DiscreteResourceSpec: { Kind: textOf(kind), Value: numberOf(value) ?? 0 } };
            }),
          },
  };
}

function cpusOf(text: string): number {
  try {
    return parseCpus(text);
  } catch (thrown) {
    throw new CliError(thrown instanceof Error ? thrown.message : String(thrown), { cause: thrown });
  }
}

function networksOf(own: JsonObject, { name, namespace, config }: ServiceParts): Attachment[] {
  const asked = Object.keys(objectOf(own.networks)).length > 0 ? objectOf(own.networks) : { default: null };
  const known = objectOf(config.networks);
  const found = Object.entries(asked).map(([key, settings]): Attachment => {
    if (!Object.hasOwn(known, key) && key !== 'default')
      throw new CliError(`undefined network ${JSON.stringify(key)}`);
    const target = textOf(objectOf(known[key]).name) || namespace.scope(key);
    const { aliases, driver_opts } = objectOf(settings);
    // The networks of the engine itself know no aliases.
    const own = isReservedName(target) ? [] : [name];
    return {
      Target: target,
      Aliases: [...textListOf(aliases), ...own],
      DriverOpts: textsOf(driver_opts),
    };
  });
  return found.sort((a, b) => (a.Target < b.Target ? -1 : 1));
}

function portsOf(value: Json | undefined): Port[] {
  const ports = listOf(value).map((each): Port => {
    const { protocol, target, published, mode } = objectOf(each);
    return {
      Protocol: textOf(protocol),
      TargetPort: numberOf(target),
      PublishedPort: numberOf(published),
      PublishMode: textOf(mode),
    };
  });
  return ports.sort((a, b) => (a.PublishedPort ?? 0) - (b.PublishedPort ?? 0));
}

function modeOf(mode: string, replicas: number | undefined): ServiceMode {
  if ((mode === 'global' || mode === 'global-job') && replicas !== undefined)
    throw new CliError('replicas can only be used with replicated or replicated-job mode');
  switch (mode) {
    case 'global':
      return { Global: {} };
    case 'global-job':
      return { GlobalJob: {} };
    case 'replicated-job':
      return { ReplicatedJob: { MaxConcurrent: replicas, TotalCompletions: replicas } };
    case 'replicated':
    case '':
      return { Replicated: { Replicas: replicas } };
    default:
      throw new CliError(`Unknown mode: ${mode}`);
  }
}

function ulimitsOf(own: JsonObject): UlimitSpec[] {
  return sorted(Object.keys(own)).map((name) => {
    const value = own[name];
    if (typeof value === 'number') return { Name: name, Soft: value, Hard: value };
    const { soft, hard } = objectOf(value);
    return { Name: name, Soft: numberOf(soft) ?? 0, Hard: numberOf(hard) ?? 0 };
  });
}

function credentialsOf(own: JsonObject, { namespace, configs }: ServiceParts): CredentialSpec | undefined {
  const kinds = ['config', 'file', 'registry'].filter((kind) => own[kind] !== undefined);
  if (kinds.length === 0) return undefined;
  const names = kinds.map((kind) => `"${kind.charAt(0).toUpperCase()}${kind.slice(1)}"`);
  if (kinds.length > 1)
    throw new CliError(
      `invalid credential spec: cannot specify both ${names.slice(0, -1).join(', ')}${kinds.length > 2 ? ',' : ''} and ${names.at(-1)}`,
    );
  if (own.config === undefined) return { File: textOf(own.file), Registry: textOf(own.registry) };
  const name = textOf(own.config);
  const config =
    configs.find(({ ConfigName }) => ConfigName === name) ??
    configs.find(({ ConfigName }) => ConfigName === namespace.scope(name));
  if (config === undefined)
    throw new CliError(
      `invalid credential spec: spec specifies config ${name}, but no such config can be found`,
    );
  return { Config: config.ConfigID };
}
