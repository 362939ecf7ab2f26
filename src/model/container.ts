/**
 * A container: its request in the API's terms, which `inspect` shows again, and its state in the engine's.
 */
import type { EndpointSpec, Membership } from './endpoint.ts';
import type { PublishPolicy } from './publish-policy.ts';

/** `Config` of the API (Docker Engine API 1.50, ContainerConfig). */
export interface ContainerConfig {
  readonly Hostname: string;
  readonly Domainname: string;
  readonly User: string;
  readonly AttachStdin: boolean;
  readonly AttachStdout: boolean;
  readonly AttachStderr: boolean;
  readonly ExposedPorts?: Readonly<Record<string, object>>;
  readonly Tty: boolean;
  readonly OpenStdin: boolean;
  readonly StdinOnce: boolean;
  readonly Env: readonly string[];
  readonly Cmd: readonly string[] | null;
  readonly Healthcheck?: HealthConfig;
  readonly ArgsEscaped?: boolean;
  /** Reference in the request: `busybox`, an id, `repo:tag`. */
  readonly Image: string;
  readonly Volumes: Readonly<Record<string, object>> | null;
  readonly WorkingDir: string;
  readonly Entrypoint: readonly string[] | null;
  readonly NetworkDisabled?: boolean;
  readonly Labels: Readonly<Record<string, string>>;
  readonly StopSignal?: string;
  /** Seconds. */
  readonly StopTimeout?: number;
  readonly Shell?: readonly string[];
  readonly OnBuild?: readonly string[] | null;
}

/** Durations in nanoseconds, as in the API. */
export interface HealthConfig {
  readonly Test?: readonly string[];
  readonly Interval?: number;
  readonly Timeout?: number;
  readonly Retries?: number;
  readonly StartPeriod?: number;
  readonly StartInterval?: number;
}

export interface PortBinding {
  readonly HostIp?: string;
  readonly HostPort?: string;
  /** Ours; absent: as the container, its network or the engine have it. */
  readonly Policy?: PublishPolicy;
}

export interface MountSpec {
  readonly Type: 'bind' | 'volume' | 'tmpfs' | 'image' | 'npipe' | 'cluster';
  readonly Source?: string;
  readonly Target: string;
  readonly ReadOnly?: boolean;
  readonly Consistency?: string;
  readonly BindOptions?: {
    readonly Propagation?: string;
    readonly NonRecursive?: boolean;
    readonly CreateMountpoint?: boolean;
    readonly ReadOnlyNonRecursive?: boolean;
    readonly ReadOnlyForceRecursive?: boolean;
  };
  readonly VolumeOptions?: {
    readonly NoCopy?: boolean;
    readonly Labels?: Readonly<Record<string, string>>;
    readonly DriverConfig?: { readonly Name?: string; readonly Options?: Readonly<Record<string, string>> };
    readonly Subpath?: string;
  };
  readonly TmpfsOptions?: {
    readonly SizeBytes?: number;
    readonly Mode?: number;
    readonly Options?: string[][];
  };
}

export interface DeviceMapping {
  readonly PathOnHost: string;
  readonly PathInContainer: string;
  readonly CgroupPermissions: string;
}

/** Rates to or from block devices per second, by HostConfig's names. */
export const rateFields = [
  'BlkioDeviceReadBps',
  'BlkioDeviceWriteBps',
  'BlkioDeviceReadIOps',
  'BlkioDeviceWriteIOps',
] as const;

/** Bytes or operations in a second. */
export interface DeviceRate {
  readonly Path: string;
  readonly Rate: number;
}

export type DeviceRates = { readonly [field in (typeof rateFields)[number]]?: readonly DeviceRate[] };

export interface Ulimit {
  readonly Name: string;
  readonly Soft: number;
  readonly Hard: number;
}

/** `HostConfig` of the API: the parts that a plain Linux container has. */
export interface HostConfig extends DeviceRates {
  readonly Binds: readonly string[] | null;
  readonly ContainerIDFile: string;
  readonly LogConfig: { readonly Type: string; readonly Config: Readonly<Record<string, string>> };
  /** `default`, `bridge`, `host`, `none`, `container:NAME|ID`, or a network's name or id. */
  readonly NetworkMode: string;
  readonly PortBindings: Readonly<Record<string, readonly PortBinding[]>>;
  readonly RestartPolicy: { readonly Name: string; readonly MaximumRetryCount: number };
  readonly AutoRemove: boolean;
  readonly VolumeDriver: string;
  readonly VolumesFrom: readonly string[] | null;
  readonly Mounts?: readonly MountSpec[];
  readonly ConsoleSize: readonly [number, number];
  readonly Annotations?: Readonly<Record<string, string>>;
  readonly CapAdd: readonly string[] | null;
  readonly CapDrop: readonly string[] | null;
  readonly CgroupnsMode: string;
  readonly Dns: readonly string[];
  readonly DnsOptions: readonly string[];
  readonly DnsSearch: readonly string[];
  readonly ExtraHosts: readonly string[] | null;
  readonly GroupAdd: readonly string[] | null;
  readonly IpcMode: string;
  readonly Cgroup: string;
  readonly Links: readonly string[] | null;
  readonly OomScoreAdj: number;
  readonly PidMode: string;
  readonly Privileged: boolean;
  readonly PublishAllPorts: boolean;
  readonly ReadonlyRootfs: boolean;
  readonly SecurityOpt: readonly string[] | null;
  readonly StorageOpt?: Readonly<Record<string, string>>;
  readonly Tmpfs?: Readonly<Record<string, string>>;
  readonly UTSMode: string;
  readonly UsernsMode: string;
  readonly ShmSize: number;
  readonly Sysctls?: Readonly<Record<string, string>>;
  readonly Runtime: string;
  readonly Isolation: string;
  readonly CpuShares: number;
  readonly Memory: number;
  readonly NanoCpus: number;
  readonly CgroupParent: string;
  readonly BlkioWeight: number;
  readonly CpuPeriod: number;
  readonly CpuQuota: number;
  readonly CpuRealtimePeriod: number;
  readonly CpuRealtimeRuntime: number;
  readonly CpusetCpus: string;
  readonly CpusetMems: string;
  readonly Devices: readonly DeviceMapping[] | null;
  readonly DeviceCgroupRules: readonly string[] | null;
  readonly MemoryReservation: number;
  readonly MemorySwap: number;
  readonly MemorySwappiness: number | null;
  readonly OomKillDisable: boolean | null;
  readonly Init?: boolean;
  readonly PidsLimit: number | null;
  readonly Ulimits: readonly Ulimit[] | null;
  readonly MaskedPaths: readonly string[] | null;
  readonly ReadonlyPaths: readonly string[] | null;
}

/** A mount, resolved. `source` is a path on the host; '' for tmpfs. */
export interface MountPoint {
  readonly type: 'bind' | 'volume' | 'tmpfs';
  /** Volume name, or ''. */
  readonly name: string;
  readonly source: string;
  readonly destination: string;
  readonly driver: string;
  /** As the API shows it: `ro`, `z`, `` and so on. */
  readonly mode: string;
  readonly readWrite: boolean;
  /** `rprivate`, `rshared`, ... or '' . */
  readonly propagation: string;
  /** tmpfs options (`size=64m`), comma separated. */
  readonly options: string;
  readonly nonRecursive: boolean;
  /** Read-only without the mounts below it. */
  readonly readOnlyTop?: boolean;
  /** The start fails if mounts below it cannot be read-only, too. */
  readonly readOnlyDeep?: boolean;
  /** Copy the image's files at the destination into an empty volume. */
  readonly copyUp: boolean;
}

/** A volume that a plugin has mounted for a run of the container, until the plugin has unmounted it. */
export interface PluginMount {
  readonly volume: string;
  readonly plugin: string;
  /** Drawn for this mount: the plugin counts its users by it. */
  readonly id: string;
  /** In the container. */
  readonly destination: string;
  /** On the host, as the plugin has said. */
  readonly path: string;
}

export interface Health {
  readonly status: 'starting' | 'healthy' | 'unhealthy';
  readonly failingStreak: number;
  readonly log: readonly {
    readonly start: string;
    readonly end: string;
    readonly exitCode: number;
    readonly output: string;
  }[];
}

export interface ContainerState {
  readonly status: 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';
  /** Host pid of the first process while it runs, else 0. */
  readonly pid: number;
  readonly exitCode: number;
  readonly error: string;
  readonly oomKilled: boolean;
  /** RFC 3339; `0001-01-01T00:00:00Z` for never. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly health?: Health;
  /** Stopped by the user: `unless-stopped` does not bring it back. */
  readonly stoppedByUser: boolean;
}

export interface Container {
  readonly id: string;
  /** Without slash. */
  readonly name: string;
  readonly created: string;
  /** Image id (`sha256:...`). */
  readonly image: string;
  readonly config: ContainerConfig;
  readonly hostConfig: HostConfig;
  /** Settings for each network, in the order in which the networks were connected. */
  readonly networks: readonly Membership[];
  readonly mounts: readonly MountPoint[];
  readonly state: ContainerState;
  readonly restartCount: number;
  /** Sandbox that it runs in while it runs (its own or, by `container:`, another's), else ''. */
  readonly sandboxId: string;
  /** Legacy links as they were made at `create`; absent in records from before: read from the host configuration. */
  readonly links?: readonly LegacyLink[];
  /** Volumes that were made for it and go with it under `rm -v`. */
  readonly anonymousVolumes: readonly string[];
  /** Mounts by plugins; absent without any. */
  readonly pluginMounts?: readonly PluginMount[];
}

/** It follows its source through renames, and leads to no other container that takes the source's name. */
export interface LegacyLink {
  /** Of the source. */
  readonly id: string;
  /** The source's last one. */
  readonly name: string;
  readonly alias: string;
}

export interface ContainerRequest {
  /** '' for a name of the engine's choice. */
  readonly name: string;
  readonly config: ContainerConfig;
  readonly hostConfig: HostConfig;
  /** `NetworkingConfig.EndpointsConfig`, in the order given. */
  readonly networks: readonly EndpointSpec[];
  readonly platform: string;
  /** Mounts below read-only binds stay writable, as before API 1.44. */
  readonly readOnlyTop?: boolean;
}

/** Docker's date for never. */
export const NEVER = '0001-01-01T00:00:00Z';
