/** The control socket: the engine's requests, a line each, answered in order. */
import { chmodSync, rmSync, statSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { messageOf } from '../errors.ts';
import { version } from '../version.ts';
import type { Faults } from './faults.ts';
import { type ControlAnswer, type ControlRequest, createLineReader, parseRequest } from './protocol.ts';
import type { ResolverServer } from './server.ts';

export interface Control {
  /** False once the socket's file is gone or another's: nobody can reach this process any more. */
  isReachable(): boolean;
  close(): void;
}

export interface ControlOptions {
  /** Of the socket. One that is there already is replaced: the engine starts one resolver at a time. */
  readonly path: string;
  readonly server: ResolverServer;
  readonly faults: Faults;
  /** Called when the process must end. */
  readonly stop: (why: string) => void;
}

/** Listen, for root alone. */
export function openControl({ path, server, faults, stop }: ControlOptions): Promise<Control> {
  const handle = createHandler({ server, faults, stop });
  const listener = createServer((socket) => serve(socket, handle));
  rmSync(path, { force: true });
  return new Promise((resolve, reject) => {
    // After it listens too: a connection that cannot be accepted must not end the process.
    listener.on('error', reject);
    const before = process.umask(0o177);
    listener.listen(path, () => {
      chmodSync(path, 0o600);
      const { ino } = statSync(path);
      resolve({
        isReachable: () => statSync(path, { throwIfNoEntry: false })?.ino === ino,
        close: () => void listener.close(),
      });
    });
    process.umask(before);
  });
}

type Handler = (request: ControlRequest) => Promise<ControlAnswer>;

function createHandler({ server, faults, stop }: Omit<ControlOptions, 'path'>): Handler {
  return async (request) => {
    if (request.op === 'stop') {
      setImmediate(stop, 'the engine asks for it');
      return { ok: true };
    }
    // asked by an engine that has just started: what went while there was none is dropped now
    if (request.op === 'status') {
      await server.prune();
      return {
        ok: true,
        version,
        pid: process.pid,
        sandboxes: server.sandboxes(),
        faults: faults.count(),
      };
    }
    // Not answered: the engine starts another resolver and asks that one.
    if (!server.isCurrent()) stop('the store is another one now');
    if (request.op === 'ensure') await server.ensure(request.sandbox);
    else await server.forget(request.sandbox);
    return { ok: true };
  };
}

function serve(socket: Socket, handle: Handler): void {
  const answer = async (line: string): Promise<ControlAnswer> => {
    try {
      return await handle(parseRequest(line));
    } catch (error) {
      return { ok: false, error: messageOf(error) };
    }
  };
  let last: Promise<unknown> = Promise.resolve();
  const read = createLineReader((line) => {
    const answered = answer(line);
    last = last.then(async () => socket.write(`${JSON.stringify(await answered)}\n`));
  });
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    try {
      read(chunk);
    } catch {
      socket.destroy();
    }
  });
}
