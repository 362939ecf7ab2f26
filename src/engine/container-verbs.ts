/** The verbs of containers. */

import type { Readable } from 'node:stream';
import type { CommitOptions, FileChange } from '../images/images.ts';
import type { PathStat } from '../images/path-stat.ts';
import type { Container, ContainerRequest, HostConfig } from '../model/container.ts';
import type { Endpoint, EndpointSpec } from '../model/endpoint.ts';
import type { Image } from '../model/image.ts';
import type { Network } from '../model/network.ts';
import type { Sandbox } from '../model/sandbox.ts';
import type { AttachOptions, AttachStream, LogOptions, ProcessStats } from '../runtime/runtime.ts';
import type { InterfaceCounters } from './interface-counters.ts';

export interface ContainerDetail {
  readonly container: Container;
  /** While it runs (or holds a network). */
  readonly sandbox: Sandbox | undefined;
  /** One per network of the container, whether it runs or not. */
  readonly attachments: readonly {
    readonly network: Network | undefined;
    readonly spec: EndpointSpec;
    readonly endpoint: Endpoint | undefined;
  }[];
  readonly image: Image | undefined;
  readonly execIds: readonly string[];
  readonly logPath: string;
  /** '' before its first start, and on a host without AppArmor. */
  readonly appArmorProfile: string;
  /** '' for files that are not written yet. */
  readonly files: { readonly hosts: string; readonly hostname: string; readonly resolvConf: string };
  /** Folders of the root filesystem (overlayfs), for `GraphDriver`; the image's uppermost layer first. */
  readonly root: {
    readonly lower: readonly string[];
    readonly upper: string;
    readonly work: string;
    readonly merged: string;
  };
}

/** A request to change limits or the restart policy; only the given keys are changed. */
export type ContainerUpdate = Partial<
  Pick<
    HostConfig,
    | 'CpuShares'
    | 'Memory'
    | 'NanoCpus'
    | 'BlkioWeight'
    | 'CpuPeriod'
    | 'CpuQuota'
    | 'CpuRealtimePeriod'
    | 'CpuRealtimeRuntime'
    | 'CpusetCpus'
    | 'CpusetMems'
    | 'MemoryReservation'
    | 'MemorySwap'
    | 'PidsLimit'
    | 'RestartPolicy'
  >
>;

export interface ExitResult {
  readonly exitCode: number;
  readonly error: string;
}

export interface StatsSample {
  readonly container: Container;
  /** Time of the sample, RFC 3339. */
  readonly read: string;
  readonly process: ProcessStats;
  readonly systemCpuNanoseconds: bigint;
  readonly onlineCpus: number;
  /** By interface name inside the container. */
  readonly networks: Readonly<Record<string, InterfaceCounters>>;
}

export interface WaitOptions {
  readonly condition: 'not-running' | 'next-exit' | 'removed';
  /** Ends the wait. */
  readonly signal?: AbortSignal;
}

export interface ContainerVerbs {
  list(): readonly ContainerDetail[];
  get(ref: string): ContainerDetail;
  create(request: ContainerRequest): Promise<{ readonly id: string; readonly warnings: readonly string[] }>;
  start(ref: string): Promise<void>;
  /** `timeout` in seconds, -1 for no limit; by default the container's own or 10. */
  stop(ref: string, options: { readonly timeout?: number; readonly signal?: string }): Promise<void>;
  restart(ref: string, options: { readonly timeout?: number; readonly signal?: string }): Promise<void>;
  kill(ref: string, signal: string): Promise<void>;
  pause(ref: string): Promise<void>;
  unpause(ref: string): Promise<void>;
  rename(ref: string, name: string): Promise<void>;
  update(ref: string, update: ContainerUpdate): Promise<readonly string[]>;
  remove(
    ref: string,
    options: { readonly force: boolean; readonly volumes: boolean; readonly link: boolean },
  ): Promise<void>;
  /** Resolves at once, or at the next such event. Rejected by `signal`. */
  wait(ref: string, options: WaitOptions): Promise<ExitResult>;
  attach(
    ref: string,
    options: AttachOptions & { readonly logs: boolean; readonly stream: boolean },
  ): Promise<AttachStream>;
  resize(ref: string, size: { readonly rows: number; readonly columns: number }): Promise<void>;
  logs(ref: string, options: LogOptions): AsyncIterable<Buffer>;
  top(
    ref: string,
    psArgs: string,
  ): Promise<{ readonly titles: readonly string[]; readonly processes: readonly (readonly string[])[] }>;
  stats(ref: string): Promise<StatsSample | undefined>;
  changes(ref: string): Promise<readonly FileChange[]>;
  size(ref: string): Promise<{ readonly rw: number; readonly rootFs: number }>;
  export(ref: string): Promise<Readable>;
  statPath(ref: string, path: string): Promise<PathStat>;
  readArchive(ref: string, path: string): Promise<{ readonly stat: PathStat; readonly archive: Readable }>;
  writeArchive(
    ref: string,
    path: string,
    archive: Readable,
    options: { readonly noOverwriteDirNonDir: boolean; readonly copyUIDGID: boolean },
  ): Promise<void>;
  commit(ref: string, options: CommitOptions & { readonly pause: boolean }): Promise<Image>;
  prune(
    matches: (container: Container) => boolean,
  ): Promise<{ readonly removed: readonly string[]; readonly bytes: number }>;
}
