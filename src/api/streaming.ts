/** Streamed answers: the status is sent first, the content follows. */
import type { ServerResponse } from 'node:http';
import { type Duplex, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { messageOf } from '../errors.ts';
import type { Logger } from '../observe/logger.ts';
import { sentenceOf } from '../system-error.ts';
import { type Answer, taken } from './route.ts';

/** Send status and headers now; the client may wait for them before it does its next step. */
export function begin(response: ServerResponse, contentType: string, status = 200): void {
  response.writeHead(status, { 'Content-Type': contentType });
  response.flushHeaders();
}

/**
 * Detects whether a client that closes its sending side has gone: it may still read. An empty write fails if the
 * other side is closed (unix(7), EPIPE), which closes the socket.
 */
export function probeAtEnd(socket: Duplex): void {
  socket.once('end', () => socket.write(''));
}

/**
 * End an answer when the client closes its side. For streams that may be silent for long: until something
 * is written, that is all that is seen of a client that has gone.
 */
export function endWithClient(response: ServerResponse): void {
  const { socket } = response;
  if (!socket) return;
  if (socket.readableEnded) return void response.destroy();
  const end = (): void => void response.destroy();
  socket.once('end', end);
  response.once('close', () => socket.off('end', end)); // the connection may serve more requests
}

/** Aborted when the client disconnects before the answer has ended. */
export function goneWith(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  endWithClient(response);
  return gone.signal;
}

/**
 * Send a stream with back-pressure; it is ended when the client goes away, and the connection is cut when
 * it breaks (the status is out already). Resolves when all is sent.
 */
export async function sendStream(
  response: ServerResponse,
  source: Readable | AsyncIterable<Uint8Array>,
  options: { readonly contentType: string; readonly log: Logger },
): Promise<Answer> {
  begin(response, options.contentType);
  try {
    await pipeline(source instanceof Readable ? source : Readable.from(source), response);
  } catch (error) {
    options.log.debug('a stream ended early', { why: messageOf(error) });
    response.destroy();
  }
  return taken;
}

/**
 * The log of a container, and where it cannot be read on, why: as a line of standard error, or of the engine's
 * own (3), in Docker's words. The status is out by then.
 */
export async function* withReason(
  log: AsyncIterable<Uint8Array>,
  { tty, stream = 2 }: { readonly tty: boolean; readonly stream?: 2 | 3 },
): AsyncGenerator<Uint8Array> {
  try {
    yield* log;
  } catch (error) {
    const why = Buffer.from(`Error grabbing logs: ${sentenceOf(error)}\n`);
    const header = Buffer.alloc(8);
    header.writeUInt8(stream, 0);
    header.writeUInt32BE(why.length, 4);
    yield tty ? why : Buffer.concat([header, why]);
  }
}

/** Lines of JSON, as `docker pull` and `docker events` read them. */
export interface JsonLines {
  /** Sends a line; the first one sends the headers. False while the client is slow. */
  write(line: unknown): boolean;
  /** True once something was sent, so that errors cannot change the status. */
  readonly begun: boolean;
  end(): void;
}

export function jsonLines(response: ServerResponse): JsonLines {
  return {
    write(line) {
      if (!response.headersSent) begin(response, 'application/json');
      return response.destroyed || response.write(`${JSON.stringify(line)}\r\n`);
    },
    get begun() {
      return response.headersSent;
    },
    end: () => void response.end(),
  };
}

/** Resolves when the client has read the output, or has gone. */
export function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    if (!response.writableNeedDrain || response.destroyed) return resolve();
    const done = (): void => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}

/**
 * Run work that reports its progress in lines. An error before the first line is the request's error;
 * after it, it is the last line, in Docker's form.
 */
export async function withProgress(
  response: ServerResponse,
  work: (lines: JsonLines) => Promise<void>,
): Promise<Answer> {
  const lines = jsonLines(response);
  try {
    await work(lines);
    if (!lines.begun) begin(response, 'application/json');
  } catch (error) {
    if (!lines.begun) throw error;
    const message = sentenceOf(error);
    lines.write({ errorDetail: { message }, error: message });
  }
  lines.end();
  return taken;
}
