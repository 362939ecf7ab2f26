/**
 * A hijacked route: the connection becomes the container's. Clients that ask for an upgrade get
 * `101 UPGRADED` and the bare socket; others get `200 OK` and the same bytes as the response's body.
 */
import type { Duplex } from 'node:stream';
import type { Static, TSchema } from 'typebox';
import { messageOf } from '../../errors.ts';
import { type BodyParser, bodyParser } from '../body.ts';
import { type Answer, type Call, empty, type Route, taken } from '../route.ts';
import { begin, probeAtEnd } from '../streaming.ts';
import type { Minor } from '../version.ts';

/** What a hijacked connection carries. */
export interface Hijack {
  readonly stream: Duplex;
  /** With a terminal the stream is raw, without one it has 8-byte headers. */
  readonly tty: boolean;
  /** Whether what the client sends is the container's standard input. */
  readonly stdin: boolean;
  /** What must have happened before the client sees the end of the stream. */
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
  /** Undefined: nothing to carry (a detached exec), the answer is an empty 200. */
  readonly open: (call: HijackCall<unknown>) => Promise<Hijack | undefined>;
  /** The same route for clients that do not upgrade. */
  readonly plain: Route;
}

/** Content type of a hijacked stream; before 1.42 there was one for both kinds. */
export function mediaType(version: Minor, tty: boolean): string {
  return !tty && version >= 42
    ? 'application/vnd.docker.multiplexed-stream'
    : 'application/vnd.docker.raw-stream';
}

/** Carry a hijacked stream in an ordinary response, ended by the end of the connection. */
function carry(call: Call<unknown>, hijack: Hijack, uploadIsStdin: boolean): Answer {
  const { response, upload, log } = call;
  const { stream } = hijack;
  // The stream is bare bytes until the connection ends, so that clients may read the socket themselves.
  response.useChunkedEncodingByDefault = false;
  response.shouldKeepAlive = false;
  response.removeHeader('Transfer-Encoding');
  begin(response, mediaType(call.version, hijack.tty));
  stream.on('error', (error) => {
    log.debug('a hijacked stream broke', { why: messageOf(error) });
    response.destroy();
  });
  response.on('close', () => stream.destroy());
  atEnd(hijack, () => void response.end());
  stream.pipe(response, { end: false });
  if (response.socket) probeAtEnd(response.socket);
  if (hijack.stdin && uploadIsStdin) upload.pipe(stream);
  else upload.resume();
  return taken;
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
  const opener = (call: HijackCall<unknown>): Promise<Hijack | undefined> =>
    open({ ...call, body: call.body as Static<S> });
  const plain: Route = {
    method: 'POST',
    path,
    parseBody,
    async handle(call) {
      const hijack = await opener(call);
      return hijack ? carry(call, hijack, parseBody === undefined) : empty(200);
    },
  };
  return { path: pattern(path), parseBody, open: opener, plain };
}
