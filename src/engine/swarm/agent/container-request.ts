/** From a task to the container that it is. Pure. */
import { fail } from '../../../errors.ts';
import { blankConfig, blankEndpointSpec } from '../../../model/blank.ts';
import type { ContainerConfig, ContainerRequest, HostConfig } from '../../../model/container.ts';
import type { EndpointSpec } from '../../../model/endpoint.ts';
import type { Network } from '../../../model/network.ts';
import { defaultNetwork } from '../../../model/predefined-names.ts';
import { maskedPaths, readonlyPaths } from '../../../model/protected-paths.ts';
import { checkRequest } from '../../../model/request-checks.ts';
import { bare } from '../../../net/address.ts';
import { familyOf } from '../../../net/family.ts';
import type { SwarmTask, TaskAttachment } from '../../../swarm/records.ts';
import type { ContainerSpec, PortConfig, Privileges, TaskSpec } from '../../../swarm/spec.ts';
import { labelPrefix, nodeLabel, taskLabel } from '../task-label.ts';

/** What the engine's settings say of containers. */
export interface ContainerDefaults {
  readonly shmSize: number;
  readonly ipcMode: string;
  readonly cgroupnsMode: string;
  readonly runtime: string;
  readonly logDriver: string;
  readonly logOptions: Readonly<Record<string, string>>;
}

export interface TaskContext {
  readonly defaults: ContainerDefaults;
  /** The network by which containers lead out, `docker_gwbridge`. */
  readonly gatewayNetwork: string;
  /** By its id. */
  network(id: string): Network | undefined;
}

/** Docker's: a global service's tasks have their node's id in place of a slot. */
export const containerName = ({ service, slot, nodeId, id }: SwarmTask): string =>
  `${service.Name}.${slot || nodeId}.${id}`;

/** Throws CONTAINER_CONFIG_INVALID and NOT_SUPPORTED, as for any container. */
export function containerRequest(task: SwarmTask, context: TaskContext): ContainerRequest {
  const spec = task.spec.ContainerSpec ?? {};
  const { mode, networks } = networksOf(task, context);
  const request: ContainerRequest = {
    name: containerName(task),
    config: configOf(task, spec),
    hostConfig: hostConfigOf(task, { spec, mode, defaults: context.defaults }),
    networks,
    platform: '',
  };
  checkRequest(request);
  if (!['', 'default'].includes(request.hostConfig.Isolation))
    throw fail(
      'CONTAINER_CONFIG_INVALID',
      `invalid isolation (${request.hostConfig.Isolation}): linux only supports 'default'`,
    );
  if (spec.Mounts?.some(({ VolumeOptions }) => VolumeOptions?.Subpath))
    throw fail('NOT_SUPPORTED', 'VolumeOptions.Subpath');
  return request;
}

function configOf(task: SwarmTask, spec: ContainerSpec): ContainerConfig {
  const { Command: command = [], Args: args = [] } = spec;
  const exposed = Object.fromEntries(hostPorts(task).map((port) => [portKey(port), {}]));
  return {
    ...blankConfig,
    Image: spec.Image ?? '',
    Labels: labelsOf(task, spec),
    Hostname: spec.Hostname ?? '',
    Env: spec.Env ?? [],
    WorkingDir: spec.Dir ?? '',
    User: spec.User ?? '',
    Tty: spec.TTY ?? false,
    OpenStdin: spec.OpenStdin ?? false,
    Entrypoint: command.length > 0 ? command : null,
    Cmd: args.length > 0 ? args : null,
    ...(spec.StopSignal && { StopSignal: spec.StopSignal }),
    ...(spec.Healthcheck && { Healthcheck: spec.Healthcheck }),
    ...(Object.keys(exposed).length > 0 && { ExposedPorts: exposed }),
  };
}

/** The engine's labels win. */
const labelsOf = (task: SwarmTask, { Labels = {} }: ContainerSpec): Readonly<Record<string, string>> => ({
  ...Labels,
  [nodeLabel]: task.nodeId,
  [`${labelPrefix}.service.id`]: task.serviceId,
  [`${labelPrefix}.service.name`]: task.service.Name,
  [`${labelPrefix}.task`]: '',
  [taskLabel]: task.id,
  [`${labelPrefix}.task.name`]: containerName(task),
});

interface Hosting {
  readonly spec: ContainerSpec;
  readonly mode: string;
  readonly defaults: ContainerDefaults;
}

function hostConfigOf(task: SwarmTask, { spec, mode, defaults }: Hosting): HostConfig {
  const { DNSConfig: dns = {} } = spec;
  return {
    ...fixed,
    ...limitsOf(task.spec, spec),
    NetworkMode: mode,
    PortBindings: bindingsOf(task),
    ...(spec.Mounts && { Mounts: spec.Mounts }),
    ReadonlyRootfs: spec.ReadOnly ?? false,
    GroupAdd: spec.Groups ?? null,
    CapAdd: spec.CapabilityAdd ?? null,
    CapDrop: spec.CapabilityDrop ?? null,
    Isolation: spec.Isolation ?? '',
    SecurityOpt: securityOf(spec.Privileges ?? {}),
    Dns: dns.Nameservers ?? [],
    DnsSearch: dns.Search ?? [],
    DnsOptions: dns.Options ?? [],
    ExtraHosts: extraHosts(spec.Hosts ?? []),
    LogConfig: logConfig(task.spec, defaults),
    ShmSize: defaults.shmSize,
    IpcMode: defaults.ipcMode,
    CgroupnsMode: defaults.cgroupnsMode,
    Runtime: defaults.runtime,
    ...(spec.Init !== undefined && spec.Init !== null && { Init: spec.Init }),
    ...(spec.Sysctls && { Sysctls: spec.Sysctls }),
  };
}

/** What no service can ask for. The orchestrator restarts tasks, never the engine. */
const fixed = {
  ...{ Binds: null, ContainerIDFile: '', AutoRemove: false, VolumeDriver: '', VolumesFrom: null },
  RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
  ConsoleSize: [0, 0],
  ...{ Cgroup: '', Links: null, PidMode: '', Privileged: false, PublishAllPorts: false },
  ...{ UTSMode: '', UsernsMode: '', CpuShares: 0, CgroupParent: '', BlkioWeight: 0 },
  ...{ CpuPeriod: 0, CpuQuota: 0, CpuRealtimePeriod: 0, CpuRealtimeRuntime: 0 },
  ...{ CpusetCpus: '', CpusetMems: '', Devices: null, DeviceCgroupRules: null },
  ...{ MemorySwappiness: null, OomKillDisable: null },
  ...{ MaskedPaths: maskedPaths, ReadonlyPaths: readonlyPaths },
} as const;

/** Reservations are the scheduler's. */
function limitsOf({ Resources: { Limits = {} } = {} }: TaskSpec, spec: ContainerSpec) {
  const memory = Limits.MemoryBytes ?? 0;
  return {
    Memory: memory,
    // as for any container: as much swap again
    MemorySwap: 2 * memory,
    MemoryReservation: 0,
    NanoCpus: Limits.NanoCPUs ?? 0,
    PidsLimit: Limits.Pids || null,
    OomScoreAdj: spec.OomScoreAdj ?? 0,
    Ulimits: spec.Ulimits ?? [],
  };
}

/** `ADDRESS NAME...` to `NAME:ADDRESS`. */
const extraHosts = (lines: readonly string[]): readonly string[] =>
  lines.flatMap((line) => {
    const [address = '', ...names] = line.split(/\s+/).filter(Boolean);
    return names.map((name) => `${name}:${address}`);
  });

function logConfig({ LogDriver }: TaskSpec, { logDriver, logOptions }: ContainerDefaults) {
  if (!LogDriver) return { Type: logDriver, Config: logOptions };
  // the engine's log options apply to its own driver only
  const inherited = LogDriver.Name === logDriver ? logOptions : {};
  return { Type: LogDriver.Name || logDriver, Config: { ...inherited, ...LogDriver.Options } };
}

function securityOf(privileges: Privileges): readonly string[] | null {
  const { Seccomp, AppArmor, NoNewPrivileges, SELinuxContext } = privileges;
  const profile = Seccomp?.Profile ? Buffer.from(Seccomp.Profile, 'base64').toString() : '';
  const options = [
    ...(SELinuxContext ? labelsOfSELinux(SELinuxContext) : []),
    ...(Seccomp?.Mode === 'unconfined' ? ['seccomp=unconfined'] : []),
    ...(Seccomp?.Mode === 'custom' ? [`seccomp=${profile}`] : []),
    ...(AppArmor?.Mode === 'disabled' ? ['apparmor=unconfined'] : []),
    ...(NoNewPrivileges ? ['no-new-privileges=true'] : []),
  ];
  return options.length > 0 ? options : null;
}

/** `--security-opt label=...` */
function labelsOfSELinux(context: object): readonly string[] {
  const fields = Object.entries(context);
  if (fields.some(([name, value]) => name === 'Disable' && value)) return ['label=disable'];
  return fields.flatMap(([name, value]) =>
    typeof value === 'string' && value !== '' ? [`label=${name.toLowerCase()}:${value}`] : [],
  );
}

const isOfHost = ({ PublishMode }: PortConfig): boolean => PublishMode === 'host';
const hostPorts = ({ ports }: SwarmTask): readonly PortConfig[] => ports.filter(isOfHost);

export const portKey = ({ TargetPort = 0, Protocol }: PortConfig): string =>
  `${TargetPort}/${Protocol || 'tcp'}`;

/** One target may be published more than once. */
function bindingsOf(task: SwarmTask): HostConfig['PortBindings'] {
  const bindings: Record<string, { readonly HostPort: string }[]> = {};
  for (const port of hostPorts(task)) {
    const binding = { HostPort: port.PublishedPort ? String(port.PublishedPort) : '' };
    bindings[portKey(port)] = [...(bindings[portKey(port)] ?? []), binding];
  }
  return bindings;
}

interface Place {
  readonly mode: string;
  readonly networks: readonly EndpointSpec[];
}

/**
 * The routing mesh reaches a task by the network that leads out, and not by `ingress`, which only has its addresses.
 * Without any network a task is on the default one, as a container.
 */
function networksOf(task: SwarmTask, { network, gatewayNetwork }: TaskContext): Place {
  const places = task.attachments.map((attachment) => ({ attachment, on: network(attachment.networkId) }));
  const predefined = places.find(({ on }) => on && !on.overlay && !on.ingress)?.on;
  if (predefined) return { mode: predefined.name, networks: [] };
  const own = places.flatMap(({ attachment, on }) => {
    if (on?.ingress) return [];
    return [on?.overlay ? endpointSpec(attachment, on.name) : blankEndpointSpec(nameOf(on, attachment))];
  });
  const isServed = task.ports.some((port) => !isOfHost(port));
  const networks = isServed ? [...own, blankEndpointSpec(gatewayNetwork)] : own;
  return { mode: networks[0]?.network ?? defaultNetwork, networks };
}

/** One that is not known here is refused when the container starts, by its id. */
const nameOf = (network: Network | undefined, { networkId }: TaskAttachment): string =>
  network?.name ?? networkId;

function endpointSpec({ addresses, mac, driverOpts = {} }: TaskAttachment, network: string): EndpointSpec {
  const ipv4 = addresses.find((one) => familyOf(one) === 4);
  const ipv6 = addresses.find((one) => familyOf(one) === 6);
  return blankEndpointSpec(network, {
    ...(ipv4 && { ipv4: bare(ipv4) }),
    ...(ipv6 && { ipv6: bare(ipv6) }),
    ...(mac && { mac }),
    driverOpts,
  });
}
