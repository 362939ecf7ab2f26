/**
 * Containers as processes: one OCI runtime call and one monitor (conmon) each. They outlive the engine and are found
 * by `adopt`. Nothing here knows networks: a container is given the path of a network namespace.
 */
import type { Duplex } from 'node:stream';
import type { Container } from '../model/container.ts';
import type { ImageConfig } from '../model/image.ts';
import type { LimitSupport } from '../model/limit-support.ts';
import type { OciMount } from './spec/oci.ts';

/** Everything that one start needs. */
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
  /** Files of the engine that are mounted into the container (host paths). */
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
  /** Initial size of the terminal. */
  readonly size?: { readonly rows: number; readonly columns: number };
}

export interface AttachOptions {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  /** Byte sequence that detaches; empty for none. Used only with a terminal, as by dockerd. */
  readonly detachKeys: Uint8Array;
  /** Whether the output has Docker's headers; by default, if there is no terminal. */
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
  /** Precede each line by the attributes of `--log-opt` labels, env and tag. */
  readonly details?: boolean;
  /** More of them, by name. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** Aborted when the reader has gone, so that following a quiet log ends. */
  readonly gone?: AbortSignal;
}

export interface ProcessStats {
  readonly cpuNanoseconds: bigint;
  /** By processor; empty with cgroups v2. */
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
  /** Limits that the host's controllers and the engine's own rights allow. */
  readonly support: LimitSupport;
  /** Versions of the OCI runtime and of conmon (`1.1.5+ds1`), for `docker version`. */
  versions(): Promise<{ readonly runc: string; readonly conmon: string }>;
  /**
   * Writes the bundle, starts conmon and lets the runtime create the container without starting its process.
   * Resolves with the host pid. Throws COMMAND_NOT_FOUND or START_FAILED in Docker's words, leaving nothing behind.
   */
  create(spec: StartSpec): Promise<{ readonly pid: number }>;
  /** Starts the created process. */
  start(id: string): Promise<void>;
  /** Ends a create or start in progress, which fails. False if there is none. */
  abandonStart(id: string): boolean;
  /** Sends a signal to the first process. Throws CONTAINER_NOT_RUNNING. */
  kill(id: string, signal: number): Promise<void>;
  /** Kills what is left and removes state, cgroup, FIFOs and sockets; a missing container is no error. */
  remove(id: string): Promise<void>;
  pause(id: string): Promise<void>;
  resume(id: string): Promise<void>;
  /** Changes the limits of a running container to those of its HostConfig. */
  update(container: Container): Promise<void>;
  resize(id: string, size: { readonly rows: number; readonly columns: number }): Promise<void>;
  /** Attaches to a created container, started or not. */
  attach(container: Container, options: AttachOptions): Promise<AttachStream>;
  /** Host pids of all processes of the container. */
  pids(id: string): Promise<readonly number[]>;
  stats(id: string): Promise<ProcessStats>;

  /** Starts a process in a running container. `stream` is undefined when detached. */
  exec(
    container: Container,
    spec: ExecSpec,
    attach: AttachOptions | undefined,
  ): Promise<{ readonly pid: number; readonly stream?: AttachStream; readonly exited: Promise<number> }>;
  /** Throws CONTAINER_CONFIG_INVALID if the container has no such user or group. */
  checkUser(container: Container, user: string): Promise<void>;
  resizeExec(execId: string, size: { readonly rows: number; readonly columns: number }): Promise<void>;

  /** Stream of Docker's log format (raw with a tty, else 8-byte headers). */
  logs(container: Container, options: LogOptions): AsyncIterable<Buffer>;
  /** Removes a container's log files. */
  removeLogs(id: string): Promise<void>;
  /** The file that other programs may read; '' for drivers that have none. */
  logPath(container: Container): string;

  /**
   * Running containers, id to pid. Called once, first at start-up. `expected`: containers on record as running, whose
   * processes are found even if the runtime's own files are damaged.
   */
  adopt(expected?: readonly Container[]): Promise<ReadonlyMap<string, number>>;
  /** An exit that happened while no engine ran, if its record still exists. */
  exitOf(id: string): ExitEvent | undefined;
  onExit(listener: (event: ExitEvent) => void): void;
  /** Called each time that a container's cgroup has run out of memory; the container may continue. */
  onMemoryRanOut(listener: (id: string) => void): void;
  close(): Promise<void>;
}
