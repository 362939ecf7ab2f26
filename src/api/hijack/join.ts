/** Joins a client's socket and a container's stream, both ways, each direction ending for itself. */
import type { Duplex, Readable } from 'node:stream';
import { messageOf } from '../../errors.ts';
import type { Logger } from '../../observe/logger.ts';
import { probeAtEnd } from '../streaming.ts';
import { atEnd, type Hijack } from './route.ts';

/** Milliseconds that a client has to close its side after the container's output has ended. */
const lingering = 5_000;

/** Ends the output, discards further input, and closes the socket after a while. */
export function finish(socket: Duplex): void {
  if (socket.writableEnded || socket.destroyed) return;
  socket.unpipe();
  socket.resume();
  socket.end(() => {
    // All output is with the kernel; a client that has closed its side too is gone by now.
    const timer = setTimeout(() => socket.destroy(), lingering);
    timer.unref();
    socket.once('close', () => clearTimeout(timer));
  });
}

/**
 * Output flows with back-pressure: a slow client slows the container down, memory does not grow. A client
 * that closes its sending side ends standard input only. When the client is gone, the stream is ended.
 */
export function joinStreams(
  socket: Duplex,
  hijack: Hijack,
  options: { readonly log: Logger; readonly input: Readable },
): void {
  const { log, input } = options;
  const { stream, stdin } = hijack;
  stream.on('error', (error) => {
    log.debug('a hijacked stream broke', { why: messageOf(error) });
    socket.destroy();
  });
  socket.on('close', () => stream.destroy());
  probeAtEnd(socket);
  atEnd(hijack, () => finish(socket));
  stream.pipe(socket, { end: false });
  if (!stdin) {
    socket.resume();
    return;
  }
  input.on('error', (error) => {
    log.debug('the input of a hijacked stream broke', { why: messageOf(error) });
    socket.destroy();
  });
  input.pipe(stream);
}
