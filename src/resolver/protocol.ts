/**
 * What engine and resolver say to each other: JSON, a line each, over a unix stream socket. Requests are
 * answered in the order in which they came.
 */

export type ControlRequest =
  | { readonly op: 'ensure'; readonly sandbox: string }
  | { readonly op: 'forget'; readonly sandbox: string }
  | { readonly op: 'status' }
  | { readonly op: 'stop' };

export interface ResolverStatus {
  readonly version: string;
  readonly pid: number;
  /** Ids of the sandboxes that are served. */
  readonly sandboxes: readonly string[];
  /** Errors since it started that no question waited for. */
  readonly faults: number;
}

export type ControlAnswer =
  | ({ readonly ok: true } & Partial<ResolverStatus>)
  | { readonly ok: false; readonly error: string };

/** The control socket in the run folder. */
export const socketName = 'resolver.sock';

/** Longest line that is read. */
const maxLine = 64 * 1024;

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
  const { op, sandbox } = (typeof value === 'object' && value !== null ? value : {}) as Record<
    string,
    unknown
  >;
  if (op === 'status' || op === 'stop') return { op };
  if ((op === 'ensure' || op === 'forget') && typeof sandbox === 'string') return { op, sandbox };
  throw new Error(`no request of the resolver's: ${line.slice(0, 100)}`);
}
