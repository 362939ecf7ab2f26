/**
 * Connections that become a container's without `Connection: Upgrade`. Docker takes over the connection of
 * any request for a stream; Node does so only where the client asks for an upgrade.
 */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type Duplex, Readable } from 'node:stream';
import { fail } from '../../errors.ts';
import { jsonLimit } from '../body.ts';

/** The parser of a connection and its hook for heads of requests (lib/_http_server.js; not documented). */
interface Parser {
  onIncoming?: (request: IncomingMessage, keepAlive: boolean) => number;
}

/** llhttp's answer to a head: the bytes that follow are no HTTP (llhttp, "on_headers_complete"). */
const endOfHttp = 2;

/** Requests that were taken over before Node read their body. */
const unread = new WeakSet<IncomingMessage>();

/** Give a server's `upgrade` listeners every request of this connection that is wanted. */
export function takeOver(socket: Socket, wants: (request: IncomingMessage) => boolean): void {
  const { parser } = socket as Socket & { readonly parser?: Parser };
  const hook = parser?.onIncoming;
  if (!parser || !hook) throw fail('BUG', "a connection's HTTP parser has no onIncoming");
  parser.onIncoming = (request, keepAlive) => {
    const taken = request as IncomingMessage & { upgrade: boolean };
    if (taken.upgrade || !wants(request)) return hook(request, keepAlive);
    taken.upgrade = true;
    unread.add(request);
    hook(request, keepAlive);
    return endOfHttp;
  };
}

/** Whether the request's body is still on its connection. */
export const isUnread = (request: IncomingMessage): boolean => unread.has(request);

/** Reads a connection piece by piece and returns the rest to it. */
class Reader {
  readonly #socket: Duplex;
  #rest: Buffer;

  constructor(socket: Duplex, head: Buffer) {
    this.#socket = socket;
    this.#rest = head;
  }

  async #more(): Promise<void> {
    for (;;) {
      const chunk = this.#socket.read() as Buffer | null;
      if (chunk) {
        this.#rest = Buffer.concat([this.#rest, chunk]);
        return;
      }
      if (this.#socket.readableEnded || this.#socket.destroyed)
        throw fail('BAD_REQUEST', 'invalid JSON: unexpected EOF');
      await changeOf(this.#socket);
    }
  }

  /** At least one byte, and not more than `most`. */
  async some(most: number): Promise<Buffer> {
    if (this.#rest.length === 0) await this.#more();
    return this.bytes(Math.min(most, this.#rest.length));
  }

  async bytes(count: number): Promise<Buffer> {
    while (this.#rest.length < count) await this.#more();
    const taken = this.#rest.subarray(0, count);
    this.#rest = this.#rest.subarray(count);
    return taken;
  }

  async line(): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf('\r\n');
      if (end >= 0) return (await this.bytes(end + 2)).toString('latin1', 0, end);
      if (this.#rest.length > longestLine) throw fail('BAD_REQUEST', 'header line too long');
      await this.#more();
    }
  }

  giveBack(): void {
    if (this.#rest.length > 0) this.#socket.unshift(this.#rest);
  }
}

/** Bytes of the size line of a chunk, and of a line behind the last one. */
const longestLine = 8192;

/** Resolves when there may be something to read, or nothing more will come. */
function changeOf(socket: Duplex): Promise<void> {
  const names = ['readable', 'end', 'close'] as const;
  return new Promise((resolve) => {
    const done = (): void => {
      for (const name of names) socket.off(name, done);
      resolve();
    };
    for (const name of names) socket.on(name, done);
  });
}

/** The chunks of a body (RFC 9112, 7.1), in pieces as they come. */
async function* chunksOf(reader: Reader): AsyncGenerator<Buffer, void> {
  for (;;) {
    const line = await reader.line();
    const size = /^[0-9a-f]{1,8}(?=[;\s]|$)/i.exec(line)?.[0];
    if (size === undefined) throw fail('BAD_REQUEST', 'malformed chunked encoding');
    let left = Number.parseInt(size, 16);
    if (left === 0) break;
    while (left > 0) {
      const piece = await reader.some(left);
      left -= piece.length;
      yield piece;
    }
    await reader.line();
  }
  while ((await reader.line()) !== '');
}

async function chunkedBody(reader: Reader): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let total = 0;
  for await (const chunk of chunksOf(reader)) {
    total += chunk.length;
    if (total > jsonLimit) throw fail('BODY_TOO_LARGE', jsonLimit);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export const isChunked = (headers: IncomingHttpHeaders): boolean =>
  /chunked/i.test(headers['transfer-encoding'] ?? '');

/** A chunked body whose content is a container's input. */
export const chunkedInput = (socket: Duplex, head: Buffer): Readable =>
  Readable.from(chunksOf(new Reader(socket, head)));

/** Reads the body of a request whose connection was taken over; bytes after it stay on the connection. */
export async function takeBody(
  socket: Duplex,
  from: { readonly head: Buffer; readonly headers: IncomingHttpHeaders },
): Promise<string> {
  const { head, headers } = from;
  if (headers.expect?.toLowerCase() === '100-continue') socket.write('HTTP/1.1 100 Continue\r\n\r\n');
  const reader = new Reader(socket, head);
  try {
    if (isChunked(headers)) return (await chunkedBody(reader)).toString('utf8');
    const length = Number(headers['content-length'] ?? 0);
    if (length > jsonLimit) throw fail('BODY_TOO_LARGE', jsonLimit);
    return (await reader.bytes(length)).toString('utf8');
  } finally {
    reader.giveBack();
  }
}
