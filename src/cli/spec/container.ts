/** From flags to the body of `POST /containers/create`. Empty fields are sent as docker 28 sends them. */

import { messageOf } from '../../errors.ts';
import { CliError } from '../failure.ts';
import type { FlagValues } from '../flags/flag.ts';
import { capabilitiesOf } from './capabilities.ts';
import type { containerFlags } from './container-flags.ts';
import { cdiRequest, isCdiName, parseDevice } from './devices.ts';
import { environmentOf, envOf, labelsOf, withProxies } from './environment.ts';
import { healthcheckOf } from './health.ts';
import { checkMode, parseMac, parseRestart } from './hosts.ts';
import { recordOf } from './labels.ts';
import { parseTmpfs, parseVolumes } from './mounts.ts';
import { type Networking, networkingOf } from './networks.ts';
import { type PublishedPort, parseExpose, parsePublish } from './ports.ts';
import { type Security, securityOf } from './security.ts';

export type ContainerFlagValues = FlagValues<typeof containerFlags>;

export interface CreateInput {
  readonly flags: ContainerFlagValues;
  readonly given: ReadonlySet<string>;
  readonly image: string;
  readonly words: readonly string[];
  readonly detach: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Environment that the client's config gives to every container. */
  readonly proxies: Readonly<Record<string, string>>;
}

/** Which streams are attached. */
export interface Attached {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

export type CreateBody = ReturnType<typeof configOf> & {
  readonly HostConfig: object;
  readonly NetworkingConfig: { readonly EndpointsConfig: Networking['endpoints'] };
};

/** Turns errors of a check into `CliError`. */
function checked<T>(work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    throw thrown instanceof CliError ? thrown : new CliError(messageOf(thrown), { cause: thrown });
  }
}

const orNull = <T>(list: readonly T[]): readonly T[] | null => (list.length === 0 ? null : list);
const orAbsent = <T extends object>(record: T): T | undefined =>
  Object.keys(record).length === 0 ? undefined : record;

/** The parsed flags that both parts of the body need. */
interface Parts {
  readonly environment: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly published: readonly PublishedPort[];
  readonly exposed: readonly string[];
  readonly networking: Networking;
  readonly security: Security;
}

/** The body of the request. Throws `CliError`. */
export async function createBody(input: CreateInput): Promise<CreateBody> {
  const { flags } = input;
  checkConflicts(input);
  const given = flags.env.map((text) => envOf(text, input.env));
  const published = checked(() => flags.publish.flatMap(parsePublish));
  const parts: Parts = {
    environment: withProxies(await environmentOf(flags.envFile, given, input.env), input.proxies),
    labels: recordOf(await labelsOf(flags.labelFile, flags.label)),
    published,
    exposed: [
      ...new Set([...published.map(({ port }) => port), ...checked(() => flags.expose.flatMap(parseExpose))]),
    ],
    networking: networkingOf(flags.network, {
      aliases: flags.networkAlias,
      links: flags.link,
      ip: flags.ip,
      ip6: flags.ip6,
      linkLocal: flags.linkLocalIp,
      mac: flags.macAddress,
    }),
    security: await securityOf(flags.securityOpt),
  };
  return {
    ...configOf(input, parts),
    HostConfig: { ...hostConfigOf(input, parts), ...resourcesOf(flags) },
    NetworkingConfig: { EndpointsConfig: parts.networking.endpoints },
  };
}

function checkConflicts({ flags, detach }: CreateInput): void {
  if (detach && flags.attach.length > 0)
    throw new CliError('conflicting options: cannot specify both --attach and --detach');
  if (flags.rm && !['', 'no'].includes(flags.restart))
    throw new CliError('conflicting options: cannot specify both --restart and --rm');
  if (flags.memorySwappiness !== -1 && (flags.memorySwappiness < 0 || flags.memorySwappiness > 100)) {
    throw new CliError(`invalid value: ${flags.memorySwappiness}. Valid memory swappiness range is 0-100`);
  }
  checked(() => parseMac(flags.macAddress));
  if (flags.logDriver === 'none' && flags.logOpt.length > 0)
    throw new CliError('invalid logging opts for driver none');
}

/** Which streams the container is attached to; without `--attach` the outputs, and input when it is open. */
export function attachedOf(flags: ContainerFlagValues, detach: boolean): Attached {
  const asked = flags.attach.map((name) => name.toLowerCase());
  const [wrong] = asked.filter((name) => !['stdin', 'stdout', 'stderr'].includes(name));
  if (wrong !== undefined) throw new CliError(`valid streams are STDIN, STDOUT and STDERR`);
  if (detach) return { stdin: false, stdout: false, stderr: false };
  if (asked.length === 0) return { stdin: flags.interactive, stdout: true, stderr: true };
  return {
    stdin: asked.includes('stdin'),
    stdout: asked.includes('stdout'),
    stderr: asked.includes('stderr'),
  };
}

function configOf({ flags, given, image, words, detach }: CreateInput, parts: Parts) {
  const attached = attachedOf(flags, detach);
  return {
    Hostname: flags.hostname,
    Domainname: flags.domainname,
    User: flags.user,
    AttachStdin: attached.stdin,
    AttachStdout: attached.stdout,
    AttachStderr: attached.stderr,
    ExposedPorts: orAbsent(Object.fromEntries(parts.exposed.map((port) => [port, {}]))),
    Tty: flags.tty,
    OpenStdin: flags.interactive,
    StdinOnce: flags.interactive && attached.stdin,
    Env: orNull(parts.environment),
    Cmd: orNull(words),
    Healthcheck: healthcheckOf(flags),
    Image: image,
    Volumes: Object.fromEntries(
      checked(() => parseVolumes(flags.volume)).anonymous.map((path) => [path, {}]),
    ),
    WorkingDir: flags.workdir,
    // Given but empty takes the image's entrypoint away.
    Entrypoint: given.has('entrypoint') ? [flags.entrypoint] : null,
    OnBuild: null,
    Labels: parts.labels,
    StopSignal: flags.stopSignal || undefined,
    StopTimeout: given.has('stopTimeout') ? flags.stopTimeout : undefined,
  };
}

function hostConfigOf(input: CreateInput, parts: Parts) {
  const { flags, given } = input;
  return {
    ...isolationOf(flags, parts),
    ...storageOf(flags),
    ...hostNetworkOf(flags, parts),
    ContainerIDFile: flags.cidfile,
    LogConfig: { Type: flags.logDriver, Config: recordOf(flags.logOpt) },
    RestartPolicy: checked(() => parseRestart(flags.restart)),
    AutoRemove: flags.rm,
    ConsoleSize: [0, 0],
    Annotations: orAbsent(flags.annotation),
    GroupAdd: orNull(flags.groupAdd),
    OomScoreAdj: flags.oomScoreAdj,
    Runtime: flags.runtime || undefined,
    Init: given.has('init') ? flags.init : undefined,
  };
}

/** Privileges of the container, and the namespaces that it shares. */
function isolationOf(flags: ContainerFlagValues, { security }: Parts) {
  const capabilities = capabilitiesOf(flags.capAdd, flags.capDrop);
  return {
    CapAdd: capabilities.add,
    CapDrop: capabilities.drop,
    Cgroup: '',
    CgroupParent: flags.cgroupParent,
    CgroupnsMode: checked(() => checkMode('cgroupns', flags.cgroupns)),
    IpcMode: flags.ipc,
    Isolation: flags.isolation,
    PidMode: checked(() => checkMode('pid', flags.pid)),
    Privileged: flags.privileged,
    SecurityOpt: orNull(security.options),
    Sysctls: orAbsent(recordOf(flags.sysctl)),
    UTSMode: checked(() => checkMode('uts', flags.uts)),
    UsernsMode: checked(() => checkMode('userns', flags.userns)),
    MaskedPaths: security.systemPathsUnconfined ? [] : null,
    ReadonlyPaths: security.systemPathsUnconfined ? [] : null,
  };
}

function storageOf(flags: ContainerFlagValues) {
  return {
    Binds: orNull(checked(() => parseVolumes(flags.volume)).binds),
    Mounts: flags.mount.length === 0 ? undefined : flags.mount,
    ReadonlyRootfs: flags.readOnly,
    ShmSize: flags.shmSize,
    StorageOpt: orAbsent(flags.storageOpt),
    Tmpfs: orAbsent(parseTmpfs(flags.tmpfs)),
    VolumeDriver: flags.volumeDriver,
    VolumesFrom: orNull(flags.volumesFrom),
  };
}

/** Network settings of the host configuration: ports, names, the mode. */
function hostNetworkOf(flags: ContainerFlagValues, { published, networking }: Parts) {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const { port, HostIp, HostPort } of published) {
    bindings[port] = [...(bindings[port] ?? []), { HostIp, HostPort }];
  }
  return {
    NetworkMode: networking.mode,
    PortBindings: bindings,
    PublishAllPorts: flags.publishAll,
    Dns: flags.dns,
    DnsOptions: flags.dnsOptions,
    DnsSearch: flags.dnsSearch,
    ExtraHosts: orNull(flags.addHost),
    Links: orNull(flags.link),
  };
}

const byName = (a: { readonly Name: string }, b: { readonly Name: string }): number =>
  a.Name < b.Name ? -1 : 1;

function resourcesOf(flags: ContainerFlagValues) {
  const cdi = flags.device.filter(isCdiName);
  const requests = [...flags.gpus, ...(cdi.length > 0 ? [cdiRequest(cdi)] : [])];
  const ulimits = new Map(
    flags.ulimit.map(({ name, soft, hard }) => [name, { Name: name, Hard: hard, Soft: soft }]),
  );
  return {
    CpuShares: flags.cpuShares,
    Memory: flags.memory,
    NanoCpus: flags.cpus,
    BlkioWeight: flags.blkioWeight,
    BlkioWeightDevice: flags.blkioWeightDevice,
    BlkioDeviceReadBps: flags.deviceReadBps,
    BlkioDeviceWriteBps: flags.deviceWriteBps,
    BlkioDeviceReadIOps: flags.deviceReadIops,
    BlkioDeviceWriteIOps: flags.deviceWriteIops,
    CpuPeriod: flags.cpuPeriod,
    CpuQuota: flags.cpuQuota,
    CpuRealtimePeriod: flags.cpuRtPeriod,
    CpuRealtimeRuntime: flags.cpuRtRuntime,
    CpusetCpus: flags.cpusetCpus,
    CpusetMems: flags.cpusetMems,
    Devices: checked(() => flags.device.filter((text) => !isCdiName(text)).map(parseDevice)),
    DeviceCgroupRules: orNull(flags.deviceCgroupRule),
    DeviceRequests: orNull(requests),
    MemoryReservation: flags.memoryReservation,
    MemorySwap: flags.memorySwap,
    MemorySwappiness: flags.memorySwappiness,
    OomKillDisable: flags.oomKillDisable,
    PidsLimit: flags.pidsLimit,
    Ulimits: [...ulimits.values()].sort(byName),
    CpuCount: 0,
    CpuPercent: 0,
    IOMaximumIOps: 0,
    IOMaximumBandwidth: 0,
  };
}
