/**
 * What the engine can be asked to do: the face that `api/` sees. A reference (`ref`) is a name, an id
 * or an unambiguous prefix of one. Every verb throws the errors of `src/errors.ts`, in Docker's words.
 */
import type { Readable } from 'node:stream';
import type { CommitOptions, Credentials, FileChange, ImportOptions, Progress } from '../images/images.ts';
import type { Container, ContainerDraft, HostConfig } from '../model/container.ts';
import type { Endpoint, EndpointAsk } from '../model/endpoint.ts';
import type { Image } from '../model/image.ts';
import type { Network, NetworkDraft } from '../model/network.ts';
import type { Sandbox } from '../model/sandbox.ts';
import type { Volume } from '../model/volume.ts';
import type { Events } from '../observe/events.ts';
import type { AttachOptions, AttachStream, LogOptions, ProcessStats } from '../runtime/runtime.ts';
import type { NamespaceVerbs } from './namespace-verbs.ts';

export type { ContainerDraft } from '../model/container.ts';
export type { NetworkDraft } from '../model/network.ts';
export type { NamespaceDetail, NamespaceRef, NamespaceVerbs } from './namespace-verbs.ts';

// ---- networks

export interface NetworkDetail {
  readonly network: Network;
  readonly endpoints: readonly Endpoint[];
}

/** How far a pool is used up. */
export interface PoolUsage {
  /** CIDR. */
  readonly subnet: string;
  /** Taken addresses, those among them that no endpoint can have. */
  readonly used: bigint;
  /** Addresses that can still be handed out: of the ip-range where there is one. */
  readonly free: bigint;
}

export interface NetworkVerbs {
  list(): readonly NetworkDetail[];
  get(ref: string): NetworkDetail;
  /** Of each pool, in the network's order; none of a network without addresses. */
  usage(ref: string): readonly PoolUsage[];
  create(draft: NetworkDraft): Promise<{ readonly id: string; readonly warning: string }>;
  remove(ref: string): Promise<void>;
  connect(ref: string, containerRef: string, ask: Omit<EndpointAsk, 'network'>): Promise<void>;
  disconnect(ref: string, containerRef: string, options: { readonly force: boolean }): Promise<void>;
  /** Removes the unused ones that match; their names. */
  prune(matches: (network: Network) => boolean): Promise<readonly string[]>;
}

// ---- containers

export interface ContainerDetail {
  readonly container: Container;
  /** While it runs (or holds a network). */
  readonly sandbox: Sandbox | undefined;
  /** One per network that it is connected to, whether it runs or not. */
  readonly attachments: readonly {
    readonly network: Network | undefined;
    readonly ask: EndpointAsk;
    readonly endpoint: Endpoint | undefined;
  }[];
  readonly image: Image | undefined;
  readonly execIds: readonly string[];
  readonly logPath: string;
  /** '' for what has not been written yet. */
  readonly files: { readonly hosts: string; readonly hostname: string; readonly resolvConf: string };
  /** Folders of the root filesystem (overlayfs), for `GraphDriver`; the uppermost of the image's first. */
  readonly root: {
    readonly lower: readonly string[];
    readonly upper: string;
    readonly work: string;
    readonly merged: string;
  };
}

/** A request to change limits or the restart policy; only keys given are changed. */
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

export interface PathStat {
  readonly name: string;
  readonly size: number;
  /** Go's os.FileMode bits. */
  readonly mode: number;
  readonly mtime: string;
  readonly linkTarget: string;
}

export interface StatsSample {
  readonly container: Container;
  /** RFC 3339 of this sample and of the one before. */
  readonly read: string;
  readonly process: ProcessStats;
  readonly systemCpuNanoseconds: bigint;
  readonly onlineCpus: number;
  /** By interface name inside the container. */
  readonly networks: Readonly<
    Record<
      string,
      {
        readonly rxBytes: number;
        readonly rxPackets: number;
        readonly rxErrors: number;
        readonly rxDropped: number;
        readonly txBytes: number;
        readonly txPackets: number;
        readonly txErrors: number;
        readonly txDropped: number;
      }
    >
  >;
}

export interface WaitOptions {
  readonly condition: 'not-running' | 'next-exit' | 'removed';
  /** Nobody waits any longer. */
  readonly signal?: AbortSignal;
}

export interface ContainerVerbs {
  list(): readonly ContainerDetail[];
  get(ref: string): ContainerDetail;
  create(draft: ContainerDraft): Promise<{ readonly id: string; readonly warnings: readonly string[] }>;
  start(ref: string): Promise<void>;
  /** `timeout` in seconds, -1 for never; undefined: the container's own or 10. */
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
  /** Resolves at once or at the next such event: the API's status code follows from it. Rejected by `signal`. */
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

// ---- exec

export interface ExecDraft {
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  readonly user: string;
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly privileged: boolean;
  readonly detachKeys: Uint8Array;
  /** Of the terminal; the start may name another one. */
  readonly size?: { readonly rows: number; readonly columns: number };
}

export interface ExecDetail {
  readonly id: string;
  readonly containerId: string;
  readonly draft: ExecDraft;
  readonly running: boolean;
  /** Undefined until it has ended. */
  readonly exitCode: number | undefined;
  readonly pid: number;
}

export interface ExecVerbs {
  create(containerRef: string, draft: ExecDraft): Promise<string>;
  get(id: string): ExecDetail;
  /** Throws what `start` would throw before it does anything. */
  refuseStart(id: string): void;
  /** The stream of an attached one, undefined where `detach`. With `tty` it is raw, else it has headers. */
  start(
    id: string,
    options: {
      readonly detach: boolean;
      readonly tty: boolean;
      readonly size?: { readonly rows: number; readonly columns: number };
    },
  ): Promise<AttachStream | undefined>;
  resize(id: string, size: { readonly rows: number; readonly columns: number }): Promise<void>;
}

// ---- images and volumes

export interface ImageVerbs {
  list(): readonly { readonly image: Image; readonly containers: number }[];
  get(ref: string): Image;
  /** As `get`; the built-in image is made where it is asked for by its name, and is not there. */
  ask(ref: string): Promise<Image>;
  import(archive: Readable, options: ImportOptions): Promise<Image>;
  load(archive: Readable, progress: Progress): Promise<void>;
  save(refs: readonly string[]): Promise<Readable>;
  pull(
    ref: string,
    options: { readonly platform: string; readonly auth?: Credentials },
    progress: Progress,
  ): Promise<void>;
  push(ref: string, options: { readonly auth?: Credentials }, progress: Progress): Promise<void>;
  /** Rejected where the registry does not take the credentials. */
  signIn(address: string, auth: Credentials): Promise<void>;
  tag(ref: string, reference: string): Promise<void>;
  remove(
    ref: string,
    options: { readonly force: boolean; readonly noPrune?: boolean },
  ): Promise<readonly { readonly Untagged?: string; readonly Deleted?: string }[]>;
  prune(matches: (image: Image) => boolean): Promise<{
    readonly removed: readonly { readonly Untagged?: string; readonly Deleted?: string }[];
    readonly bytes: number;
  }>;
}

export interface VolumeDraft {
  readonly name: string;
  readonly driver: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
}

export interface VolumeVerbs {
  /** `usedBy` are ids of containers. */
  list(): readonly { readonly volume: Volume; readonly usedBy: readonly string[] }[];
  get(name: string): { readonly volume: Volume; readonly usedBy: readonly string[] };
  create(draft: VolumeDraft): Promise<Volume>;
  remove(name: string, options: { readonly force: boolean }): Promise<void>;
  size(name: string): Promise<number>;
  /** Unused ones that match; only anonymous ones unless `all`. */
  prune(
    matches: (volume: Volume) => boolean,
    options: { readonly all: boolean },
  ): Promise<{ readonly removed: readonly string[]; readonly bytes: number }>;
}

// ---- the system

export interface SystemVerbs {
  /** The `/info` answer's facts that are not counts of the model, in the API's own words. */
  info(): Promise<Readonly<Record<string, unknown>>>;
  version(): Promise<{
    readonly version: string;
    readonly runc: string;
    readonly conmon: string;
    readonly kernel: string;
    readonly arch: string;
    readonly buildTime: string;
    readonly gitCommit: string;
  }>;
}

export interface Engine {
  readonly networks: NetworkVerbs;
  readonly namespaces: NamespaceVerbs;
  readonly containers: ContainerVerbs;
  readonly execs: ExecVerbs;
  readonly images: ImageVerbs;
  readonly volumes: VolumeVerbs;
  readonly system: SystemVerbs;
  readonly events: Events;
}
