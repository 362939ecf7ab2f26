/**
 * What engine and resolver say to each other: JSON, a line each, over a unix stream socket. Requests are
 * answered in the order in which they came. Sockets go another way (`inbox.ts`), before the request that names
 * them.
 */
import type { Ports } from './listeners.ts';

/** Of this text; a resolver that speaks another is replaced. */
export const protocol = 2;

/** How a file or a namespace is told from others: device and inode. */
export const identityOf = ({ dev, ino }: { readonly dev: number; readonly ino: number }): string =>
  `${dev}:${ino}`;

/** A sandbox in a namespace (device and inode), and what it is to be served by (`socketUses`). */
interface ServedSandbox {
  readonly sandbox: string;
  readonly namespace: string;
  readonly uses: string;
}

export type ControlRequest =
  | ({ readonly op: 'find' } & ServedSandbox)
  | ({ readonly op: 'adopt' } & ServedSandbox)
  | { readonly op: 'forget'; readonly sandbox: string }
  | { readonly op: 'status' }
  | { readonly op: 'stop' };

/** A sandbox that is served, and the namespace that its sockets are in. */
export interface Served {
  readonly sandbox: string;
  readonly namespace: string;
}

export interface ResolverStatus {
  readonly version: string;
  readonly protocol: number;
  /** The file of the store that it reads. */
  readonly store: string;
  readonly pid: number;
  readonly served: readonly Served[];
  /** Errors since it started that no question waited for. */
  readonly faults: number;
}

export type ControlAnswer =
  | ({
      readonly ok: true;
      /** Of `find` and `adopt`: where it listens in the sandbox; none: it is not served so. */
      readonly ports?: Ports;
    } & Partial<ResolverStatus>)
  | { readonly ok: false; readonly error: string };

/** The control socket in the run folder. */
export const socketName = 'resolver.sock';

/** Longest line that is read: a status tells of a sandbox in 150 bytes. */
const maxLine = 4 * 1024 * 1024;

/** A function that takes what arrives and calls `take` with each line; throws RangeError on an endless one. */
export function createLineReader(take: (line: string) => void): (chunk: Buffer) => void {
  let rest = '';
  return (chunk) => {
    const lines = (rest + chunk.toString('utf8')).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > maxLine) throw new RangeError('a line without end');
    for (const line of lines) take(line);
  };
}

/** Read a request. Throws an Error that says what is wrong with it. */
export function parseRequest(line: string): ControlRequest {
  const value: unknown = JSON.parse(line);
  const { op, sandbox, namespace, uses } = (
    typeof value === 'object' && value !== null ? value : {}
  ) as Record<string, unknown>;
  if (op === 'status' || op === 'stop') return { op };
  if (op === 'forget' && typeof sandbox === 'string') return { op, sandbox };
  const isSandbox = typeof namespace === 'string' && typeof uses === 'string';
  if ((op === 'find' || op === 'adopt') && typeof sandbox === 'string' && isSandbox)
    return { op, sandbox, namespace, uses };
  throw new Error(`no request of the resolver's: ${line.slice(0, 100)}`);
}
