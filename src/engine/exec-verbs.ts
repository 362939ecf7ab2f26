/** The verbs of further processes in containers. */
import type { AttachStream } from '../runtime/runtime.ts';

export interface ExecRequest {
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
  /** Size of the terminal, which the start may override. */
  readonly size?: { readonly rows: number; readonly columns: number };
}

export interface ExecDetail {
  readonly id: string;
  readonly containerId: string;
  readonly request: ExecRequest;
  readonly running: boolean;
  /** Undefined until it has ended. */
  readonly exitCode: number | undefined;
  readonly pid: number;
}

export interface ExecVerbs {
  create(containerRef: string, request: ExecRequest): Promise<string>;
  get(id: string): ExecDetail;
  /** Throws if `start` would fail at its checks. */
  refuseStart(id: string): void;
  /** The stream, or undefined with `detach`. With `tty` it is raw, else it has headers. */
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
