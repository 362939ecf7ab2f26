/**
 * A hijacked route: the connection becomes the container's, after `101 UPGRADED` for clients that ask for
 * an upgrade, after `200 OK` for others.
 */
import type { Duplex } from 'node:stream';
import type { Static, TSchema } from 'typebox';
import { type BodyParser, bodyParser } from '../body.ts';
import type { Call } from '../route.ts';
import type { Minor } from '../version.ts';

/** The stream of a hijacked connection. */
export interface Hijack {
  readonly stream: Duplex;
  /** With a terminal the stream is raw, without one it has 8-byte headers. */
  readonly tty: boolean;
  /** Whether the client's input is the container's standard input. */
  readonly stdin: boolean;
  /** Resolves when the client may see the end of the stream. */
  readonly settled?: () => Promise<void>;
}

/** Run `end` once the stream is over and all that must precede its end has happened; detaching is at once. */
export function atEnd({ stream, settled }: Hijack, end: () => void): void {
  const over = (): void => void (settled?.() ?? Promise.resolve()).then(end);
  stream.once('end', over).once('close', over).once('detached', end);
}

/** A hijack call has no response to write to: the connection is taken over after it. */
export type HijackCall<Body> = Omit<Call<Body>, 'response'>;

export interface HijackRoute {
  readonly path: RegExp;
  readonly parseBody: BodyParser<unknown> | undefined;
  /** dockerd takes the connection over before it looks for the container, and then refuses in a plain line. */
  readonly refusesByLine: boolean;
  /** Undefined: nothing to carry (a detached exec), the answer is an empty 200. */
  readonly open: (call: HijackCall<unknown>) => Promise<Hijack | undefined>;
}

/** Content type of a stream of a container; before 1.42 there was one for both kinds. */
export function mediaType(version: Minor, tty: boolean): string {
  return !tty && version >= 42
    ? 'application/vnd.docker.multiplexed-stream'
    : 'application/vnd.docker.raw-stream';
}

/** `/containers/:id/attach` to the expression that the upgrade side matches with. */
function pattern(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/:(\w+)/g, '(?<$1>[^/]+)')}$`);
}

/** A POST route that hijacks, with a JSON body of the schema, or without any. */
export function hijackRoute<S extends TSchema>(
  path: string,
  schema: S | undefined,
  open: (call: HijackCall<Static<S>>) => Promise<Hijack | undefined>,
): HijackRoute {
  const parseBody = schema && bodyParser(schema);
  return {
    path: pattern(path),
    parseBody,
    refusesByLine: parseBody === undefined,
    open: (call) => open({ ...call, body: call.body as Static<S> }),
  };
}
