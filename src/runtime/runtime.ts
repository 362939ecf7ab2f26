/**
 * Containers as processes: one OCI runtime call and one monitor (conmon) each. They outlive the
 * engine; `adopt` finds them again. Nothing here knows networks: a container is given the path of a
 * network namespace.
 */
import type { Duplex } from 'node:stream';
import type { Container } from '../model/container.ts';
import type { ImageConfig } from '../model/image.ts';
import type { LimitSupport } from '../model/limit-support.ts';
import type { OciMount } from './spec/oci.ts';

/** What the engine has worked out for this start. */
export interface StartSpec {
  readonly container: Container;
  readonly image: ImageConfig;
  /** Path of the mounted root filesystem. */
  readonly rootfs: string;
  /** Network namespace file, or '' for the host's. */
  readonly netns: string;
  /** A new network namespace with nothing but loopback; `netns` is '' then. */
  readonly ownNetwork?: boolean;
  /** Mounts that no container can ask for, as the OCI runtime takes them. */
  readonly extraMounts?: readonly OciMount[];
  /** Files that the engine writes and the container sees (host paths). */
  readonly files: { readonly hosts: string; readonly hostname: string; readonly resolvConf: string };
  /** Final environment (image, container, links, HOME, PATH, HOSTNAME, TERM). */
  readonly env: readonly string[];
  /** Pids of the containers named by `--pid container:` and the like; 0 for none. */
  readonly join: { readonly pid: number; readonly ipc: number; readonly uts: number };
}

export interface ExitEvent {
  readonly id: string;
  readonly exitCode: number;
  readonly oomKilled: boolean;
  /** RFC 3339. */
  readonly at: string;
}

export interface ExecSpec {
  readonly id: string;
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  /** `user`, `uid:gid`, '' for the container's own. */
  readonly user: string;
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly privileged: boolean;
  /** Of the terminal, from the beginning. */
  readonly size?: { readonly rows: number; readonly columns: number };
}

export interface AttachOptions {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  /** Byte sequence that detaches; empty for none. Heeded with a terminal only, as by dockerd. */
  readonly detachKeys: Uint8Array;
  /** Whether what is read has Docker's headers; without it, unless there is a terminal. */
  readonly framed?: boolean;
}

/**
 * An attached client. What is read from it is already in Docker's stream format (raw with a tty,
 * else 8-byte headers); what is written goes to standard input; `end()` closes standard input;
 * it ends when the process ends, and emits 'detached' when the client typed the detach keys.
 */
export type AttachStream = Duplex;

export interface LogOptions {
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly timestamps: boolean;
  readonly follow: boolean;
  /** Lines from the end; undefined for all. */
  readonly tail?: number;
  /** Nanoseconds since the epoch. */
  readonly since?: bigint;
  readonly until?: bigint;
  /** Show what `--log-opt` labels, env and tag ask for before each line. */
  readonly details?: boolean;
  /** Aborted when nobody reads any more: a follower of a quiet log ends then, and not at the next line. */
  readonly gone?: AbortSignal;
}

export interface ProcessStats {
  readonly cpuNanoseconds: bigint;
  /** By processor; empty with cgroups v2, which do not tell. */
  readonly perCpuNanoseconds: readonly bigint[];
  readonly cpuUserNanoseconds: bigint;
  readonly cpuSystemNanoseconds: bigint;
  readonly memoryBytes: number;
  readonly memoryMaxBytes: number;
  readonly memoryLimitBytes: number;
  readonly memoryStats: Readonly<Record<string, number>>;
  readonly pids: number;
  readonly pidsLimit: number;
  readonly blkio: readonly { major: number; minor: number; op: string; value: number }[];
}

export interface Runtime {
  /** What this host's controllers, and the engine's own rights, can limit. */
  readonly support: LimitSupport;
  /** Versions of the OCI runtime and of conmon (`1.1.5+ds1`), for `docker version`. */
  versions(): Promise<{ readonly runc: string; readonly conmon: string }>;
  /**
   * Write the bundle, start conmon and let the runtime create the container, its process not yet
   * started. Resolves with the host pid. Throws COMMAND_NOT_FOUND or RUNTIME_FAILED in Docker's words,
   * leaving nothing behind.
   */
  create(spec: StartSpec): Promise<{ readonly pid: number }>;
  /** Let the created process run. */
  start(id: string): Promise<void>;
  /** A create or start that is under way fails. False: there is none. */
  abandonStart(id: string): boolean;
  /** Signal number to the first process. Throws CONTAINER_NOT_RUNNING. */
  kill(id: string, signal: number): Promise<void>;
  /** Kill whatever is left, remove the runtime's state, cgroup, FIFOs, sockets; not there: no error. */
  remove(id: string): Promise<void>;
  pause(id: string): Promise<void>;
  resume(id: string): Promise<void>;
  /** Change limits of a running container to those of its HostConfig. */
  update(container: Container): Promise<void>;
  resize(id: string, size: { readonly rows: number; readonly columns: number }): Promise<void>;
  /** Attach to a container that was created (possibly not yet started). */
  attach(container: Container, options: AttachOptions): Promise<AttachStream>;
  /** Every process of the container, host pids. */
  pids(id: string): Promise<readonly number[]>;
  stats(id: string): Promise<ProcessStats>;

  /** Start a process in a running container. `stream` is undefined when detached. */
  exec(
    container: Container,
    spec: ExecSpec,
    attach: AttachOptions | undefined,
  ): Promise<{ readonly pid: number; readonly stream?: AttachStream; readonly exited: Promise<number> }>;
  /** Throws CONTAINER_CONFIG_INVALID where the container has no such user or group. */
  checkUser(container: Container, user: string): Promise<void>;
  resizeExec(execId: string, size: { readonly rows: number; readonly columns: number }): Promise<void>;

  /** Stream of Docker's log format (raw with a tty, else 8-byte headers). */
  logs(container: Container, options: LogOptions): AsyncIterable<Buffer>;
  /** Remove a container's log files. */
  removeLogs(id: string): Promise<void>;
  /** The file that other programs may read; '' for drivers that have none. */
  logPath(container: Container): string;

  /**
   * Containers whose process runs now: id to pid. Called once at start-up, before anything else. `expected`: those on
   * record as running, whose processes are looked for even where the runtime's own files are damaged.
   */
  adopt(expected?: readonly Container[]): Promise<ReadonlyMap<string, number>>;
  /** An exit that happened while nobody watched, if its record is still there. */
  exitOf(id: string): ExitEvent | undefined;
  onExit(listener: (event: ExitEvent) => void): void;
  /** A container's cgroup has run out of memory, each time; the container may go on. */
  onMemoryRanOut(listener: (id: string) => void): void;
  close(): Promise<void>;
}
