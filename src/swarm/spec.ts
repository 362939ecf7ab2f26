/**
 * What users ask of a swarm, in the API's own words (Docker Engine API 1.50, `api/types/swarm`): it is kept as it came and
 * shown again by inspect. Durations are nanoseconds, as in the API.
 */
import type { HealthConfig, MountSpec } from '../model/container.ts';

export interface Annotations {
  readonly Name: string;
  readonly Labels: Readonly<Record<string, string>>;
}

export interface ClusterSpec extends Annotations {
  readonly Orchestration: { readonly TaskHistoryRetentionLimit?: number };
  readonly Raft: {
    readonly SnapshotInterval?: number;
    readonly KeepOldSnapshots?: number;
    readonly LogEntriesForSlowFollowers?: number;
    readonly ElectionTick: number;
    readonly HeartbeatTick: number;
  };
  readonly Dispatcher: { readonly HeartbeatPeriod?: number };
  readonly CAConfig: {
    readonly NodeCertExpiry?: number;
    readonly ExternalCAs?: readonly object[];
    readonly SigningCACert?: string;
    readonly SigningCAKey?: string;
    readonly ForceRotate?: number;
  };
  readonly TaskDefaults: { readonly LogDriver?: LogDriver };
  readonly EncryptionConfig: { readonly AutoLockManagers: boolean };
}

export type NodeRole = 'worker' | 'manager';
export type Availability = 'active' | 'pause' | 'drain';

export interface NodeSpec extends Annotations {
  readonly Role: NodeRole;
  readonly Availability: Availability;
}

export interface LogDriver {
  readonly Name: string;
  readonly Options?: Readonly<Record<string, string>>;
}

export interface ServiceSpec extends Annotations {
  readonly TaskTemplate: TaskSpec;
  readonly Mode?: ServiceMode;
  readonly UpdateConfig?: UpdateConfig;
  readonly RollbackConfig?: UpdateConfig;
  /** Of old clients; those of the task template count where both are given. */
  readonly Networks?: readonly NetworkAttachmentConfig[];
  readonly EndpointSpec?: EndpointSpec;
}

/** Exactly one member. */
export interface ServiceMode {
  readonly Replicated?: { readonly Replicas?: number };
  readonly Global?: object;
  readonly ReplicatedJob?: { readonly MaxConcurrent?: number; readonly TotalCompletions?: number };
  readonly GlobalJob?: object;
}

export interface UpdateConfig {
  /** 0: all at once. */
  readonly Parallelism: number;
  readonly Delay?: number;
  readonly FailureAction?: 'pause' | 'continue' | 'rollback' | '';
  readonly Monitor?: number;
  readonly MaxFailureRatio: number;
  readonly Order?: 'stop-first' | 'start-first' | '';
}

export interface EndpointSpec {
  readonly Mode?: 'vip' | 'dnsrr' | '';
  readonly Ports?: readonly PortConfig[];
}

export interface PortConfig {
  readonly Name?: string;
  readonly Protocol?: 'tcp' | 'udp' | 'sctp' | '';
  readonly TargetPort?: number;
  /** 0 or absent: the swarm chooses one. */
  readonly PublishedPort?: number;
  readonly PublishMode?: 'ingress' | 'host' | '';
}

export interface TaskSpec {
  readonly ContainerSpec?: ContainerSpec;
  readonly PluginSpec?: object;
  readonly NetworkAttachmentSpec?: { readonly ContainerID: string };
  readonly Resources?: {
    readonly Limits?: Resources & { readonly Pids?: number };
    readonly Reservations?: Resources & { readonly GenericResources?: readonly object[] };
  };
  readonly RestartPolicy?: RestartPolicy;
  readonly Placement?: Placement;
  readonly Networks?: readonly NetworkAttachmentConfig[];
  readonly LogDriver?: LogDriver;
  /** A change of it alone replaces all tasks. */
  readonly ForceUpdate?: number;
  readonly Runtime?: string;
}

export interface Resources {
  readonly NanoCPUs?: number;
  /** Bytes. */
  readonly MemoryBytes?: number;
}

export interface RestartPolicy {
  readonly Condition?: 'none' | 'on-failure' | 'any' | '';
  readonly Delay?: number;
  readonly MaxAttempts?: number;
  readonly Window?: number;
}

export interface Placement {
  readonly Constraints?: readonly string[];
  readonly Preferences?: readonly { readonly Spread?: { readonly SpreadDescriptor: string } }[];
  readonly MaxReplicas?: number;
  readonly Platforms?: readonly { readonly Architecture?: string; readonly OS?: string }[];
}

export interface NetworkAttachmentConfig {
  /** In a stored spec an id; in a request a name or an id. */
  readonly Target?: string;
  readonly Aliases?: readonly string[];
  readonly DriverOpts?: Readonly<Record<string, string>>;
}

export interface ContainerSpec {
  readonly Image?: string;
  readonly Labels?: Readonly<Record<string, string>>;
  /** Of the image's entrypoint. */
  readonly Command?: readonly string[];
  readonly Args?: readonly string[];
  readonly Hostname?: string;
  readonly Env?: readonly string[];
  readonly Dir?: string;
  readonly User?: string;
  readonly Groups?: readonly string[];
  readonly Privileges?: Privileges | null;
  readonly Init?: boolean | null;
  readonly StopSignal?: string;
  readonly TTY?: boolean;
  readonly OpenStdin?: boolean;
  readonly ReadOnly?: boolean;
  readonly Mounts?: readonly MountSpec[];
  readonly StopGracePeriod?: number;
  readonly Healthcheck?: HealthConfig;
  /** Lines of /etc/hosts: `ADDRESS NAME`. */
  readonly Hosts?: readonly string[];
  readonly DNSConfig?: {
    readonly Nameservers?: readonly string[];
    readonly Search?: readonly string[];
    readonly Options?: readonly string[];
  };
  readonly Secrets?: readonly SecretReference[];
  readonly Configs?: readonly ConfigReference[];
  readonly Isolation?: string;
  readonly Sysctls?: Readonly<Record<string, string>>;
  readonly CapabilityAdd?: readonly string[];
  readonly CapabilityDrop?: readonly string[];
  readonly Ulimits?: readonly { readonly Name: string; readonly Hard: number; readonly Soft: number }[];
  readonly OomScoreAdj?: number;
  /** `X-Registry-Auth` of the request that made it, for the nodes that pull the image. Never shown. */
  readonly PullOptions?: { readonly RegistryAuth: string };
}

export interface Privileges {
  readonly CredentialSpec?: object | null;
  readonly SELinuxContext?: object | null;
  readonly Seccomp?: { readonly Mode?: string; readonly Profile?: string } | null;
  readonly AppArmor?: { readonly Mode?: string } | null;
  readonly NoNewPrivileges?: boolean;
}

export interface FileTarget {
  readonly Name: string;
  readonly UID: string;
  readonly GID: string;
  /** Bits of st_mode. */
  readonly Mode: number;
}

export interface SecretReference {
  readonly File?: FileTarget;
  readonly SecretID: string;
  readonly SecretName: string;
}

export interface ConfigReference {
  readonly File?: FileTarget;
  readonly Runtime?: object;
  readonly ConfigID: string;
  readonly ConfigName: string;
}

/** What secrets and configs have in common. */
export interface FileSpec extends Annotations {
  /** Base64; absent for a secret of an external driver. */
  readonly Data?: string;
  /** Of secrets alone. */
  readonly Driver?: LogDriver;
  readonly Templating?: LogDriver;
}
export type SecretSpec = FileSpec;
export type ConfigSpec = Omit<FileSpec, 'Driver'>;
