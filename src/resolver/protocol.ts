/**
 * The protocol of engine and resolver: lines of JSON over a unix stream socket. Requests are answered in order.
 * Sockets are sent separately (`inbox.ts`), before the request that uses them.
 */
import { StringDecoder } from 'node:string_decoder';
import type { Ports } from './listeners.ts';
import type { DnsCounts } from './tally.ts';

/** Version of the protocol; a resolver with another version is replaced. */
export const protocol = 4;

/** Identity of a file or namespace: device and inode. */
export const identityOf = ({ dev, ino }: { readonly dev: number; readonly ino: number }): string =>
  `${dev}:${ino}`;

/** A sandbox, its namespace (device and inode), and the uses of its sockets (`socketUses`). */
interface ServedSandbox {
  readonly sandbox: string;
  readonly namespace: string;
  readonly uses: string;
}

/** Places (`tcp/::/8080`) to targets (`172.17.0.2:80`). */
export type RelayTargets = Readonly<Record<string, string>>;

/** What is passed on from now on, and what no more. */
export interface RelayChange {
  /** By sockets that were sent under this name, in the same order. */
  readonly name: string;
  readonly sent: RelayTargets;
  /** By the sockets that are there. */
  readonly moved: RelayTargets;
  readonly gone: readonly string[];
}

export type ControlRequest =
  | ({ readonly op: 'find' } & ServedSandbox)
  | ({ readonly op: 'adopt' } & ServedSandbox)
  | { readonly op: 'forget'; readonly sandbox: string }
  | ({ readonly op: 'relay' } & RelayChange)
  | { readonly op: 'status' }
  | { readonly op: 'stop' }
  /** Announced answers are sent on this connection from now on. */
  | { readonly op: 'watch' }
  /** One was taken. It is not answered. */
  | { readonly op: 'told'; readonly id: number };

/** A served sandbox, and the namespace of its sockets. */
export interface Served {
  readonly sandbox: string;
  readonly namespace: string;
}

export interface ResolverStatus {
  readonly version: string;
  readonly protocol: number;
  /** Identity of the store's file that it reads. */
  readonly store: string;
  readonly pid: number;
  readonly served: readonly Served[];
  readonly relays: RelayTargets;
  /** Errors since its start that concerned no question. */
  readonly faults: number;
  /** Since its start; absent in an answer of an older release. */
  readonly counts?: DnsCounts;
}

export type ControlAnswer =
  | ({
      readonly ok: true;
      /** For `find` and `adopt`: ports in the sandbox; absent if it is not served with these sockets. */
      readonly ports?: Ports;
    } & Partial<ResolverStatus>)
  | { readonly ok: false; readonly error: string };

/** File name of the control socket in the run folder. */
export const socketName = 'resolver.sock';

/** Longest line in bytes; a status has 150 per sandbox. */
const maxLine = 4 * 1024 * 1024;

/** A function that accepts chunks and calls `take` with each line; throws RangeError for a line that is too long. */
export function createLineReader(take: (line: string) => void): (chunk: Buffer) => void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  return (chunk) => {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > maxLine) throw new RangeError('a line without end');
    for (const line of lines) take(line);
  };
}

/** Parses a request. Throws an `Error` for an invalid one. */
export function parseRequest(line: string): ControlRequest {
  const value: unknown = JSON.parse(line);
  const { op, sandbox, namespace, uses, id, name, sent, moved, gone } = (
    typeof value === 'object' && value !== null ? value : {}
  ) as Record<string, unknown>;
  if (op === 'status' || op === 'stop') return { op };
  if (op === 'watch') return { op };
  if (op === 'told' && typeof id === 'number') return { op, id };
  if (op === 'relay' && typeof name === 'string' && isTargets(sent) && isTargets(moved) && isPlaces(gone))
    return { op, name, sent, moved, gone };
  if (op === 'forget' && typeof sandbox === 'string') return { op, sandbox };
  const isSandbox = typeof namespace === 'string' && typeof uses === 'string';
  if ((op === 'find' || op === 'adopt') && typeof sandbox === 'string' && isSandbox)
    return { op, sandbox, namespace, uses };
  throw new Error(`no request of the resolver's: ${line.slice(0, 100)}`);
}

const isTargets = (value: unknown): value is RelayTargets =>
  typeof value === 'object' && value !== null && isPlaces(Object.values(value));

const isPlaces = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');
