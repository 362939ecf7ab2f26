/** Facts of the host on which the specification of a container depends. */
import type { OciDevice, OciThrottles, OciUser } from './oci.ts';

/** A device node with the access that a container gets to it (`rwm`). */
export interface GrantedDevice {
  readonly node: OciDevice;
  readonly access: string;
}

/** Read once, when the runtime opens. */
export interface HostFacts {
  /** As Go names it, for seccomp profiles: `amd64`, `arm64`. */
  readonly architecture: string;
  readonly kernel: { readonly major: number; readonly minor: number };
  /** 1 also for hybrid: version 1 controllers beside a unified tree. */
  readonly cgroupVersion: 1 | 2;
  /** Controllers that can be used: `memory`, `pids`, `cpu`, `cpuset`, `blkio` (or `io`), `freezer`. */
  readonly controllers: readonly string[];
  /** The memory controller also limits swap. */
  readonly swapLimit: boolean;
  readonly swappiness: boolean;
  readonly blkioWeight: boolean;
  /** Capabilities that the engine may pass on. */
  readonly capabilities: readonly string[];
  readonly apparmor: boolean;
  readonly seccomp: boolean;
  /** Lowest oom_score_adj that may be written: -1000 with CAP_SYS_RESOURCE, else the engine's own. */
  readonly oomScoreAdjFloor: number;
  /** Hard limits that cannot be exceeded, by name (`nofile`); empty with CAP_SYS_RESOURCE. */
  readonly hardLimits: Readonly<Record<string, number>>;
  /** Path of a static init (`docker-init`), or ''. */
  readonly init: string;
}

/** Read for one start. */
export interface StartFacts {
  readonly user: OciUser;
  /** `--device`, resolved to nodes; every device of the host for privileged containers. */
  readonly devices: readonly GrantedDevice[];
  /** `--device-read-bps` and the like, resolved to numbers of devices; absent without any. */
  readonly throttles?: OciThrottles;
  /** Host path of the /dev/shm that is shared with other containers, or '' for one of its own. */
  readonly shm: string;
  /** `/seaway/<id>`: absolute within each cgroup hierarchy. */
  readonly cgroupsPath: string;
}
