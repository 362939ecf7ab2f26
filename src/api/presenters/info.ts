/** `GET /info`, as each version of the API has it (Docker Engine API 1.50: SystemInfo). */
import type { PluginNames, SystemInfo } from '../../engine/system-verbs.ts';
import type { Degraded } from '../../reconcile/retries.ts';
import type { Minor } from '../version.ts';
import { presentRegistries } from './registries.ts';

/** How many there are. */
export interface ObjectCounts {
  readonly containers: number;
  readonly running: number;
  readonly paused: number;
  readonly images: number;
}

export interface InfoOptions {
  readonly counts: ObjectCounts;
  /** This host in a swarm, presented. */
  readonly swarm: object;
  readonly version: Minor;
  readonly now: Date;
}

export function presentInfo(info: SystemInfo, { counts, swarm, version, now }: InfoOptions): object {
  return {
    ...presentHost(info),
    ...presentEngine(info, version),
    ...presentCounts(counts),
    ...presentRuntime(info, version),
    ...constant,
    Swarm: swarm,
    // Docker left them out of its API with the stores themselves
    ...(info.cluster.store && { ClusterStore: info.cluster.store }),
    ...(info.cluster.advertise && { ClusterAdvertise: info.cluster.advertise }),
    ...(version >= 49 && { FirewallBackend: { Driver: info.firewallBackend } }),
    // until 1.49 Docker said that bridged packets are not filtered, whatever was so
    ...(version < 50 && { BridgeNfIptables: false, BridgeNfIp6tables: false }),
    SystemTime: now.toISOString(),
  };
}

/** Fields with the same value in every engine. */
const constant = {
  Driver: 'overlay2',
  DriverStatus: [['Supports d_type', 'true']],
  CgroupDriver: 'cgroupfs',
  OSType: 'linux',
  IndexServerAddress: 'https://index.docker.io/v1/',
  GenericResources: null,
  LiveRestoreEnabled: true,
  Isolation: '',
  InitBinary: 'docker-init',
  CDISpecDirs: [],
};

function presentHost({ limits, ...info }: SystemInfo): object {
  return {
    Name: info.name,
    Architecture: info.architecture,
    KernelVersion: info.kernel,
    OperatingSystem: info.operatingSystem,
    OSVersion: info.osVersion,
    NCPU: info.processors,
    MemTotal: info.memoryBytes,
    CgroupVersion: info.cgroupVersion,
    IPv4Forwarding: info.ipv4Forwarding,
    MemoryLimit: limits.memory,
    SwapLimit: limits.swap,
    KernelMemoryTCP: limits.kernelMemoryTcp,
    CpuCfsPeriod: limits.cpuCfs,
    CpuCfsQuota: limits.cpuCfs,
    CPUShares: limits.cpuShares,
    CPUSet: limits.cpuset,
    PidsLimit: limits.pids,
    OomKillDisable: limits.oomKillDisable,
  };
}

function presentEngine(info: SystemInfo, version: Minor): object {
  return {
    ID: info.id,
    ServerVersion: info.version,
    DockerRootDir: info.dataRoot,
    Debug: info.debug,
    Labels: info.labels,
    LoggingDriver: info.logDriver,
    DefaultAddressPools: info.addressPools.map(({ base, size }) => ({ Base: base, Size: size })),
    HttpProxy: info.proxies.http,
    HttpsProxy: info.proxies.https,
    NoProxy: info.proxies.none,
    NEventsListener: info.eventListeners,
    ExperimentalBuild: info.experimental,
    Plugins: presentPlugins(info.plugins),
    RegistryConfig: { ...(version < 47 && artifacts), ...presentRegistries(info.registries) },
    SecurityOptions: presentSecurity(info.security, version),
    NFd: info.openFiles,
    NGoroutines: info.activities,
    Warnings: presentWarnings(info),
    // only while there is something: no client of Docker's knows the field
    ...(info.degraded.length > 0 && { Degraded: info.degraded.map(presentDegraded) }),
  };
}

const presentPlugins = ({ volume, network, authorization, log }: PluginNames): object => ({
  Volume: volume,
  Network: network,
  Authorization: authorization.length > 0 ? authorization : null,
  Log: log,
});

const artifacts = {
  AllowNondistributableArtifactsCIDRs: null,
  AllowNondistributableArtifactsHostnames: null,
};

/** Before 1.25 they were bare names. */
function presentSecurity(
  { appArmor, seccomp, privateCgroups, noNewPrivileges }: SystemInfo['security'],
  version: Minor,
): readonly string[] {
  const named = (name: string): string => (version < 25 ? name : `name=${name}`);
  return [
    ...(appArmor ? [named('apparmor')] : []),
    ...(seccomp === undefined ? [] : [named('seccomp') + (version < 25 ? '' : `,profile=${seccomp}`)]),
    ...(privateCgroups ? [named('cgroupns')] : []),
    ...(noNewPrivileges ? [named('no-new-privileges')] : []),
  ];
}

const presentCounts = ({ containers, running, paused, images }: ObjectCounts): object => ({
  Containers: containers,
  ContainersRunning: running,
  ContainersPaused: paused,
  ContainersStopped: containers - running - paused,
  Images: images,
});

/** Until API 1.48 a commit had the expected id, too; it is the actual one here. Docker has none for containerd. */
function presentRuntime({ runc }: SystemInfo, version: Minor): object {
  // an unknown commit has no expected id
  const commit = (id: string): object => (version < 49 && id !== '' ? { ID: id, Expected: id } : { ID: id });
  return {
    DefaultRuntime: 'runc',
    Runtimes: { runc: { path: 'runc' } },
    RuncCommit: commit(runc),
    ContainerdCommit: { ID: '' },
    InitCommit: commit(''),
  };
}

/** Addresses at which the API is open without encryption, and current failures. */
function presentWarnings({ openAddresses, degraded, unhandled }: SystemInfo): readonly string[] | null {
  const texts = [
    ...openAddresses.map((address) => `WARNING: API is accessible on http://${address} without encryption.`),
    ...degraded.map(({ name, error }) => `WARNING: degraded: ${name}: ${error}`),
    ...(unhandled.count > 0
      ? [`WARNING: errors that nobody handled: ${unhandled.count}, the last: ${unhandled.last}`]
      : []),
  ];
  return texts.length > 0 ? texts : null;
}

const presentDegraded = ({ name, error, since, next, attempts }: Degraded): object => ({
  Subject: name,
  Error: error,
  Since: since,
  NextAttempt: next,
  Attempts: attempts,
});
