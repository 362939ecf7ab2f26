/** From a request to the bare socket, with the errors of any other route. */
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex, Readable } from 'node:stream';
import { messageOf } from '../../errors.ts';
import { readText, requireJson } from '../body.ts';
import { failureOf } from '../failures.ts';
import { commonHeaders } from '../headers.ts';
import { type CallContext, callOf } from '../register.ts';
import { parseTarget } from '../target.ts';
import { type Minor, negotiate } from '../version.ts';
import { finish, joinStreams } from './join.ts';
import { type Hijack, type HijackRoute, mediaType } from './route.ts';
import { chunkedInput, isChunked, isUnread, takeBody } from './take-over.ts';

export interface Upgrades {
  /** Whether a request matches a hijacked route; others are answered without an upgrade. */
  wants(request: IncomingMessage): boolean;
  /** Listener of a server's `upgrade` event. */
  readonly take: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Cut every hijacked connection. */
  close(): void;
}

interface Match {
  readonly route: HijackRoute;
  readonly params: Readonly<Record<string, string>>;
  readonly target: ReturnType<typeof parseTarget>;
}

function find(routes: readonly HijackRoute[], request: IncomingMessage): Match | undefined {
  if (request.method !== 'POST') return undefined;
  const target = parseTarget('POST', request.url ?? '/');
  for (const route of routes) {
    const groups = route.path.exec(target.path)?.groups;
    if (groups) return { route, params: decodeParams(groups), target };
  }
  return undefined;
}

function decodeParams(groups: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  try {
    return Object.fromEntries(Object.entries(groups).map(([key, text]) => [key, decodeURIComponent(text)]));
  } catch {
    return groups; // not percent-encoded; no container has such a name
  }
}

const linesOf = (headers: Readonly<Record<string, string>>): string =>
  Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');

/** As dockerd: a plain line after the connection was taken over, else JSON. */
function refusalOf(message: string, { isLine, version }: { isLine: boolean; version: string }): string {
  if (isLine) return `Content-Type: ${mediaType(0, true)}\r\n\r\n${message}\r\n`;
  const body = `${JSON.stringify({ message })}\n`;
  const headers = {
    ...commonHeaders(version),
    'Content-Type': 'application/json',
    'Content-Length': String(Buffer.byteLength(body)),
    Connection: 'close',
  };
  return `${linesOf(headers)}\r\n${body}`;
}

/**
 * Writes status line, headers and body and ends the connection, but reads the client's input first: otherwise the
 * client would see a broken pipe and not the answer.
 */
function refuse(
  socket: Duplex,
  failure: { status: number; message: string },
  options: { isLine: boolean; version: string },
): void {
  const reason = STATUS_CODES[failure.status] ?? 'Error';
  socket.write(`HTTP/1.1 ${failure.status} ${reason}\r\n${refusalOf(failure.message, options)}`);
  finish(socket);
}

/** The head before the stream. As in Docker, any `Upgrade` header counts; without it the type is that of raw streams. */
function headOf({ headers }: IncomingMessage, hijack: Hijack, version: Minor): string {
  if (headers.upgrade === undefined)
    return `HTTP/1.1 200 OK\r\nContent-Type: ${mediaType(version, true)}\r\n\r\n`;
  const type = mediaType(version, hijack.tty);
  return `HTTP/1.1 101 UPGRADED\r\nContent-Type: ${type}\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n`;
}

/** Reads a body that Node has not read; otherwise bytes after the body are returned to the socket. */
async function bodyOf(route: HijackRoute, { request, socket, head }: Client): Promise<unknown> {
  const { headers } = request;
  if (route.parseBody) requireJson(headers);
  if (!isUnread(request)) {
    if (head.length > 0) socket.unshift(head);
    return route.parseBody?.(await readText(request, headers));
  }
  if (route.parseBody) return route.parseBody(await takeBody(socket, { head, headers }));
  return undefined;
}

async function open(
  { route, params, target }: Match,
  client: Client,
  context: CallContext,
): Promise<Hijack | undefined> {
  const call = callOf(client.request, context, target);
  const body = await bodyOf(route, client);
  return await route.open({ ...call, params, body });
}

/** A client that is to get the bare socket. */
interface Client {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  /** Bytes that were already read. */
  readonly head: Buffer;
}

/** Without a body to parse, all that comes is the container's; a chunked body without its chunks. */
function inputOf(route: HijackRoute, { request, socket, head }: Client): Readable {
  if (route.parseBody || !isUnread(request)) return socket;
  if (isChunked(request.headers)) return chunkedInput(socket, head);
  if (head.length > 0) socket.unshift(head);
  return socket;
}

async function serve(match: Match, client: Client, context: CallContext): Promise<void> {
  const { request, socket } = client;
  const doing = `POST ${request.url}`;
  const hijack = await context.underWay.during({ doing, isTelling: false }, () =>
    open(match, client, context),
  );
  if (!hijack) {
    const headers = { ...commonHeaders(context.server.version), 'Content-Length': '0', Connection: 'close' };
    socket.write(`HTTP/1.1 200 OK\r\n${linesOf(headers)}\r\n`);
    return finish(socket);
  }
  socket.write(headOf(request, hijack, negotiate(match.target.version)));
  joinStreams(socket, hijack, { log: context.log, input: inputOf(match.route, client) });
}

export function createUpgrades(routes: readonly HijackRoute[], context: CallContext): Upgrades {
  const live = new Set<Duplex>();
  return {
    wants: (request) => find(routes, request) !== undefined,
    take(request, socket, head) {
      live.add(socket);
      socket.on('close', () => live.delete(socket));
      socket.on('error', (error) => context.log.debug('a hijacked client broke', { why: messageOf(error) }));
      const match = find(routes, request);
      if (!match) return void socket.destroy();
      serve(match, { request, socket, head }, context).catch((error: unknown) => {
        const failure = failureOf(error, context.log, `POST ${request.url}`);
        refuse(socket, failure, { isLine: match.route.refusesByLine, version: context.server.version });
      });
    },
    close() {
      for (const socket of live) socket.destroy();
    },
  };
}
