/** Answers of the API (Docker Engine API 1.50): the fields that Seaway always sends, and those that are often asked for. */

export interface PortSummary {
  readonly IP?: string;
  readonly PrivatePort: number;
  readonly PublicPort?: number;
  readonly Type: string;
}

export interface ContainerSummary {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly Image: string;
  readonly ImageID: string;
  readonly Command: string;
  /** Seconds since 1970. */
  readonly Created: number;
  readonly Ports: readonly PortSummary[];
  readonly SizeRw?: number;
  readonly SizeRootFs?: number;
  readonly Labels: Readonly<Record<string, string>> | null;
  readonly State: string;
  readonly Status: string;
  readonly NetworkSettings?: { readonly Networks: Readonly<Record<string, unknown>> | null };
  readonly Mounts: readonly {
    readonly Type: string;
    readonly Name?: string;
    readonly Source: string;
    readonly Driver?: string;
  }[];
}

export interface ContainerInspect {
  readonly Id: string;
  readonly Name: string;
  readonly State: {
    readonly Running: boolean;
    readonly Paused: boolean;
    readonly Restarting: boolean;
    readonly ExitCode: number;
  };
  readonly Config: {
    readonly Tty: boolean;
    readonly OpenStdin: boolean;
    readonly AttachStdin: boolean;
    readonly StdinOnce: boolean;
  };
  readonly HostConfig: { readonly AutoRemove: boolean; readonly LogConfig: { readonly Type: string } };
  readonly NetworkSettings: {
    readonly Ports: Readonly<Record<string, readonly { HostIp: string; HostPort: string }[] | null>> | null;
  };
}

export interface PluginSummary {
  readonly Id: string;
  readonly Name: string;
  readonly PluginReference: string;
  readonly Enabled: boolean;
  readonly Config: { readonly Description: string };
}

export interface NetworkSummary {
  readonly Name: string;
  readonly Id: string;
  readonly Created: string;
  readonly Scope: string;
  readonly Driver: string;
  readonly EnableIPv4?: boolean;
  readonly EnableIPv6: boolean;
  readonly Internal: boolean;
  readonly Labels: Readonly<Record<string, string>> | null;
}

export interface VolumeSummary {
  readonly Name: string;
  readonly Driver: string;
  readonly Mountpoint: string;
  readonly Scope: string;
  readonly Labels: Readonly<Record<string, string>> | null;
  readonly UsageData?: { readonly Size: number; readonly RefCount: number };
}

export interface ImageSummary {
  readonly Id: string;
  readonly RepoTags: readonly string[] | null;
  readonly RepoDigests: readonly string[] | null;
  readonly Created: number;
  readonly Size: number;
  readonly SharedSize: number;
  readonly VirtualSize?: number;
  readonly Containers: number;
  readonly Labels: Readonly<Record<string, string>> | null;
}

export interface ImageHistoryItem {
  readonly Id: string;
  readonly Created: number;
  readonly CreatedBy: string;
  readonly Size: number;
  readonly Comment: string;
}

export interface DiskUsage {
  readonly LayersSize: number;
  readonly Images: readonly ImageSummary[] | null;
  readonly Containers: readonly ContainerSummary[] | null;
  readonly Volumes: readonly VolumeSummary[] | null;
}

/** One line of a pull, a load or an import. */
export interface ProgressLine {
  readonly id?: string;
  readonly status?: string;
  readonly stream?: string;
  readonly progress?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly error?: string;
  readonly errorDetail?: { readonly message?: string };
}

export interface EventLine {
  /** Of containers and images, from before there were others. */
  readonly status?: string;
  readonly id?: string;
  readonly from?: string;
  readonly Type: string;
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> | null };
  readonly scope?: string;
  readonly time: number;
  readonly timeNano: number | bigint;
}

export interface Created {
  readonly Id: string;
  readonly Warnings: readonly string[];
}

export interface Pruned {
  readonly SpaceReclaimed?: number;
  readonly ContainersDeleted?: readonly string[] | null;
  readonly NetworksDeleted?: readonly string[] | null;
  readonly VolumesDeleted?: readonly string[] | null;
  readonly ImagesDeleted?: readonly { readonly Untagged?: string; readonly Deleted?: string }[] | null;
}

export interface WaitResult {
  readonly StatusCode: number;
  readonly Error?: { readonly Message: string };
}

export interface ProcessTable {
  readonly Titles: readonly string[];
  readonly Processes: readonly (readonly string[])[];
}

/** `Kind`: 0 changed, 1 added, 2 removed. */
export interface FilesystemChange {
  readonly Path: string;
  readonly Kind: 0 | 1 | 2;
}

export interface ExecInspect {
  readonly ID: string;
  readonly Running: boolean;
  readonly ExitCode: number | null;
  readonly Pid: number;
  readonly ContainerID: string;
}

export interface InterfaceStats {
  readonly rx_bytes: number;
  readonly rx_packets: number;
  readonly rx_errors: number;
  readonly rx_dropped: number;
  readonly tx_bytes: number;
  readonly tx_packets: number;
  readonly tx_errors: number;
  readonly tx_dropped: number;
}

export interface Stats {
  readonly name: string;
  readonly id: string;
  readonly read: string;
  readonly networks?: Readonly<Record<string, InterfaceStats>>;
  readonly memory_stats: { readonly usage?: number; readonly limit?: number };
  readonly cpu_stats: {
    readonly cpu_usage: { readonly total_usage: number };
    readonly system_cpu_usage?: number;
    readonly online_cpus?: number;
  };
  readonly pids_stats: { readonly current?: number };
}

export interface NetworkMember {
  readonly Name: string;
  readonly EndpointID: string;
  readonly MacAddress: string;
  /** With the length of the prefix; empty where there is none. */
  readonly IPv4Address: string;
  readonly IPv6Address: string;
}

export interface NetworkInspect extends NetworkSummary {
  readonly IPAM: {
    readonly Driver: string;
    readonly Options: Readonly<Record<string, string>> | null;
    readonly Config:
      | readonly { readonly Subnet?: string; readonly IPRange?: string; readonly Gateway?: string }[]
      | null;
  };
  readonly Attachable: boolean;
  readonly Ingress: boolean;
  readonly Options: Readonly<Record<string, string>> | null;
  readonly Containers: Readonly<Record<string, NetworkMember>>;
}

export interface ImageInspect {
  readonly Id: string;
  readonly RepoTags: readonly string[] | null;
  readonly RepoDigests: readonly string[] | null;
  readonly Created?: string;
  readonly Size: number;
  readonly Architecture: string;
  readonly Os: string;
}

export interface Version {
  readonly Version: string;
  readonly ApiVersion: string;
  readonly MinAPIVersion: string;
  readonly KernelVersion: string;
}

export interface Info {
  readonly ID: string;
  readonly Name: string;
  readonly Containers: number;
  readonly ContainersRunning: number;
  readonly Images: number;
  readonly ServerVersion: string;
  readonly Warnings: readonly string[] | null;
  readonly Swarm: { readonly NodeID: string; readonly LocalNodeState: string };
}

/** What is at a path of a container. */
export interface PathStat {
  readonly name: string;
  readonly size: number;
  /** In Go's bits of io/fs. */
  readonly mode: number;
  readonly mtime: string;
  readonly linkTarget: string;
}

export interface PluginPrivilege {
  readonly Name: string;
  readonly Description?: string;
  readonly Value: readonly string[] | null;
}

export interface PluginInspect {
  readonly Id: string;
  readonly Name: string;
  readonly Enabled: boolean;
  readonly PluginReference: string;
  readonly Settings: { readonly Env: readonly string[] | null; readonly Args: readonly string[] | null };
}

export interface DistributionInspect {
  readonly Descriptor: { readonly mediaType: string; readonly digest: string; readonly size: number };
  readonly Platforms:
    | readonly { readonly architecture: string; readonly os: string; readonly variant?: string }[]
    | null;
}
