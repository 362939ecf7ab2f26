/** Joins the streams of a command with those of a container, over a hijacked connection. */
import type { Writable } from 'node:stream';
import { Demultiplexer } from '#client/frames.ts';
import type { Hijacked } from '#client/http.ts';
import type { Io } from '../context.ts';
import { DetachWatcher } from './detach-keys.ts';

export interface SessionOptions {
  /** The container has a terminal: its output is not framed. */
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  /** Empty: nothing detaches. */
  readonly detachKeys: Buffer;
}

export type SessionEnd = 'ended' | 'detached';

/** Write with the source held back while the reader is slow. */
function pour(from: { pause(): unknown; resume(): unknown }, to: Writable, bytes: Uint8Array): void {
  if (to.write(bytes)) return;
  from.pause();
  to.once('drain', () => from.resume());
}

/**
 * Copy until the container's side ends or the detach keys are typed. Standard input's end is passed on by closing
 * only our direction. Rejects when the connection breaks or the engine reports an error in the stream.
 */
export function runSession({ socket, head }: Hijacked, io: Io, options: SessionOptions): Promise<SessionEnd> {
  return new Promise((resolve, reject) => {
    const finish = (result: SessionEnd | Error): void => {
      stopInput();
      socket.destroy();
      if (result instanceof Error) reject(result);
      else resolve(result);
    };
    const output = outputOf(socket, io, options);
    const take = (chunk: Buffer): void => {
      try {
        output(chunk);
      } catch (thrown) {
        finish(thrown instanceof Error ? thrown : new Error(String(thrown)));
      }
    };
    socket.on('data', take);
    socket.once('end', () => finish('ended'));
    // A container that ends while input is still on its way resets the connection: that is an end like others.
    socket.once('error', (error: NodeJS.ErrnoException) =>
      finish(error.code === 'EPIPE' || error.code === 'ECONNRESET' ? 'ended' : error),
    );
    socket.once('close', () => finish('ended'));
    const stopInput = options.stdin ? forwardInput(socket, io, options, () => finish('detached')) : () => {};
    if (head.length > 0) take(head);
    socket.resume();
  });
}

function outputOf(
  socket: Hijacked['socket'],
  io: Io,
  { tty, stdout, stderr }: SessionOptions,
): (chunk: Buffer) => void {
  if (tty) return (chunk) => pour(socket, io.stdout, chunk);
  const frames = new Demultiplexer((stream, payload) => {
    if (stream === 1 ? stdout : stderr) pour(socket, stream === 1 ? io.stdout : io.stderr, payload);
  });
  return (chunk) => frames.push(chunk);
}

function forwardInput(
  socket: Hijacked['socket'],
  io: Io,
  { detachKeys, tty }: SessionOptions,
  detach: () => void,
): () => void {
  const { stdin } = io;
  const watcher = new DetachWatcher(tty ? detachKeys : Buffer.alloc(0));
  const onData = (typed: Buffer): void => {
    const { pass, detached } = watcher.push(typed);
    if (pass.length > 0) pour(stdin, socket, pass);
    if (detached) detach();
  };
  const onEnd = (): void => void socket.end();
  stdin.on('data', onData);
  stdin.once('end', onEnd);
  stdin.once('error', onEnd);
  return () => {
    stdin.off('data', onData);
    stdin.off('end', onEnd);
    stdin.off('error', onEnd);
    stdin.pause();
  };
}
