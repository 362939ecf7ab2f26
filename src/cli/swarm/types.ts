/**
 * Objects of a swarm in the API, as far as commands look at them. Specs are changed and sent back; what a command does not
 * know stays in them.
 */
import type { Healthcheck } from '../spec/health.ts';
import type { Mount } from '../spec/mounts.ts';

export type Labels = Record<string, string>;

/** What all objects have. */
export interface SwarmObject<Spec> {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  readonly CreatedAt: string;
  readonly UpdatedAt: string;
  readonly Spec: Spec;
}

export interface Port {
  Protocol?: string;
  TargetPort?: number;
  PublishedPort?: number;
  PublishMode?: string;
}

export interface Attachment {
  Target: string;
  Aliases?: readonly string[] | null;
  DriverOpts?: Readonly<Record<string, string>> | null;
}

export interface FileTarget {
  Name: string;
  UID: string;
  GID: string;
  Mode: number;
}

export interface SecretReference {
  File?: FileTarget;
  SecretID?: string;
  SecretName: string;
}

export interface ConfigReference {
  File?: FileTarget;
  Runtime?: object;
  ConfigID?: string;
  ConfigName: string;
}

export interface GenericResource {
  DiscreteResourceSpec?: { Kind: string; Value: number };
  NamedResourceSpec?: { Kind: string; Value: string };
}

export interface UlimitSpec {
  Name: string;
  Hard: number;
  Soft: number;
}

export interface DnsConfig {
  Nameservers?: readonly string[];
  Search?: readonly string[];
  Options?: readonly string[];
}

export interface Resources {
  NanoCPUs?: number;
  MemoryBytes?: number;
  Pids?: number;
  GenericResources?: GenericResource[];
}

export interface Placement {
  Constraints?: readonly string[];
  Preferences?: readonly Preference[];
  MaxReplicas?: number;
  Platforms?: readonly { readonly Architecture?: string; readonly OS?: string }[];
}

export interface Preference {
  Spread?: { SpreadDescriptor: string };
}

export interface CredentialSpec {
  Config?: string;
  File?: string;
  Registry?: string;
}

export interface ContainerSpec {
  Image?: string;
  Labels?: Labels;
  Command?: readonly string[];
  Args?: readonly string[];
  Hostname?: string;
  Env?: readonly string[];
  Dir?: string;
  User?: string;
  Groups?: readonly string[];
  Privileges?: { CredentialSpec?: CredentialSpec | null };
  StopSignal?: string;
  TTY?: boolean;
  OpenStdin?: boolean;
  ReadOnly?: boolean;
  Mounts?: readonly Mount[];
  StopGracePeriod?: number;
  Healthcheck?: Healthcheck;
  Hosts?: readonly string[];
  DNSConfig?: DnsConfig;
  Secrets?: readonly SecretReference[];
  Configs?: readonly ConfigReference[];
  Isolation?: string;
  Init?: boolean;
  Sysctls?: Labels;
  CapabilityAdd?: readonly string[] | null;
  CapabilityDrop?: readonly string[] | null;
  Ulimits?: readonly UlimitSpec[];
  OomScoreAdj?: number;
}

export interface RestartPolicy {
  Condition?: string;
  Delay?: number;
  MaxAttempts?: number;
  Window?: number;
}

export interface TaskSpec {
  ContainerSpec?: ContainerSpec;
  Resources?: { Limits?: Resources; Reservations?: Resources };
  RestartPolicy?: RestartPolicy;
  Placement?: Placement;
  Networks?: readonly Attachment[];
  LogDriver?: { Name?: string; Options?: Record<string, string> };
  ForceUpdate?: number;
}

export interface UpdateConfig {
  Parallelism: number;
  Delay?: number;
  FailureAction?: string;
  Monitor?: number;
  MaxFailureRatio: number;
  Order: string;
}

export interface ServiceMode {
  Replicated?: { Replicas?: number };
  Global?: object;
  ReplicatedJob?: { MaxConcurrent?: number; TotalCompletions?: number };
  GlobalJob?: object;
}

export interface ServiceSpec {
  Name?: string;
  Labels?: Labels;
  TaskTemplate: TaskSpec;
  Mode?: ServiceMode;
  UpdateConfig?: UpdateConfig;
  RollbackConfig?: UpdateConfig;
  Networks?: readonly Attachment[] | undefined;
  EndpointSpec?: { Mode?: string; Ports?: readonly Port[] };
}

export interface Service extends SwarmObject<ServiceSpec> {
  readonly PreviousSpec?: ServiceSpec;
  readonly Endpoint?: { readonly Ports?: readonly Port[] };
  readonly UpdateStatus?: {
    readonly State?: string;
    readonly StartedAt?: string;
    readonly CompletedAt?: string;
    readonly Message?: string;
  };
  readonly ServiceStatus?: {
    readonly RunningTasks: number;
    readonly DesiredTasks: number;
    readonly CompletedTasks?: number;
  };
  readonly JobStatus?: { readonly JobIteration: { readonly Index?: number } };
}

export interface Task {
  readonly ID: string;
  readonly CreatedAt: string;
  readonly ServiceID: string;
  readonly Slot?: number;
  readonly NodeID?: string;
  readonly Spec: TaskSpec;
  readonly DesiredState: string;
  readonly Status: {
    readonly Timestamp: string;
    readonly State: string;
    readonly Err?: string;
    readonly PortStatus?: { readonly Ports?: readonly Port[] };
  };
  readonly JobIteration?: { readonly Index?: number };
}

export interface NodeSpec {
  Name?: string;
  Labels?: Labels;
  Role: string;
  Availability: string;
}

export interface Node extends SwarmObject<NodeSpec> {
  readonly Description: {
    readonly Hostname?: string;
    readonly Platform?: { readonly Architecture?: string; readonly OS?: string };
    readonly Resources?: { readonly NanoCPUs?: number; readonly MemoryBytes?: number };
    readonly Engine?: {
      readonly EngineVersion?: string;
      readonly Labels?: Labels;
      readonly Plugins?: readonly { readonly Type: string; readonly Name: string }[];
    };
    readonly TLSInfo?: TlsInfo;
  };
  readonly Status: { readonly State?: string; readonly Message?: string; readonly Addr?: string };
  readonly ManagerStatus?: {
    readonly Leader?: boolean;
    readonly Reachability?: string;
    readonly Addr?: string;
  };
}

export interface TlsInfo {
  readonly TrustRoot?: string;
  readonly CertIssuerSubject?: string;
  readonly CertIssuerPublicKey?: string;
}

export interface Answer {
  readonly ID: string;
  readonly Warnings?: readonly string[] | null;
}
