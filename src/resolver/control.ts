/** The control socket: the engine's requests, one per line, answered in order. */
import { chmodSync, closeSync, fstatSync, openSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { messageOf } from '../errors.ts';
import { version } from '../version.ts';
import type { Announcer } from './announcer.ts';
import type { Faults } from './faults.ts';
import {
  type ControlAnswer,
  type ControlRequest,
  createLineReader,
  parseRequest,
  protocol,
} from './protocol.ts';
import type { RelayServer } from './relay-server.ts';
import type { ResolverServer } from './server.ts';
import type { Tally } from './tally.ts';

/** O_PATH of open(2), which Node lacks. */
const O_PATH = 0o1000_0000;

export interface Control {
  /** False once the socket's file was removed or replaced, so that no client can reach this process. */
  isReachable(): boolean;
  close(): void;
}

export interface ControlOptions {
  /** Path of the socket. An existing file is replaced: the engine starts one resolver at a time. */
  readonly path: string;
  readonly server: ResolverServer;
  readonly relays: RelayServer;
  readonly announcer: Announcer;
  readonly faults: Faults;
  readonly tally: Tally;
  /** Called when the process must end. */
  readonly stop: (why: string) => void;
  /** Called after each answered request. */
  readonly answered?: () => void;
}

/** Listens on a socket that only root can use. */
export function openControl({ path, answered, announcer, ...handled }: ControlOptions): Promise<Control> {
  const handle = createHandler(handled);
  const listener = createServer((socket) => serve(socket, handle, { announcer, answered }));
  rmSync(path, { force: true });
  return new Promise((resolve, reject) => {
    // also after it listens: a connection that cannot be accepted must not end the process
    listener.on('error', reject);
    const before = process.umask(0o177);
    listener.listen(path, () => {
      chmodSync(path, 0o600);
      // held open, because the folder may be inaccessible after privileges are dropped
      const file = openSync(path, O_PATH);
      resolve({
        isReachable: () => fstatSync(file).nlink > 0,
        close() {
          listener.close();
          closeSync(file);
        },
      });
    });
    process.umask(before);
  });
}

/** Requests about one connection are not its. */
type Handler = (request: Exclude<ControlRequest, { op: 'watch' | 'told' }>) => Promise<ControlAnswer>;

function createHandler({
  server,
  relays,
  faults,
  tally,
  stop,
}: Pick<ControlOptions, 'server' | 'relays' | 'faults' | 'tally' | 'stop'>): Handler {
  return async (request) => {
    if (request.op === 'stop') {
      setImmediate(stop, 'the engine asks for it');
      return { ok: true };
    }
    if (request.op === 'status')
      return {
        ok: true,
        version,
        protocol,
        pid: process.pid,
        store: server.store,
        served: server.list(),
        relays: relays.list(),
        faults: faults.count(),
        counts: tally.counts(),
      };
    if (request.op === 'relay') {
      relays.change(request);
      return { ok: true };
    }
    // not answered: the engine starts another resolver and asks that one
    if (!server.isCurrent()) stop('the store is another one now');
    if (request.op === 'forget') {
      await server.forget(request.sandbox);
      return { ok: true };
    }
    const ports = request.op === 'find' ? server.find(request) : await server.adopt(request);
    return { ok: true, ...(ports && { ports }) };
  };
}

function serve(
  socket: Socket,
  handle: Handler,
  { announcer, answered }: { readonly announcer: Announcer; readonly answered: (() => void) | undefined },
): void {
  /** Nothing is said to `told`. */
  const answer = async (line: string): Promise<ControlAnswer | undefined> => {
    try {
      const request = parseRequest(line);
      if (request.op === 'told') {
        announcer.told(request.id);
        return undefined;
      }
      if (request.op !== 'watch') return await handle(request);
      const end = announcer.attach((text) => socket.write(`${text}\n`));
      socket.on('close', end);
      return { ok: true };
    } catch (error) {
      return { ok: false, error: messageOf(error) };
    }
  };
  let last: Promise<unknown> = Promise.resolve();
  const read = createLineReader((line) => {
    const made = answer(line);
    last = last.then(async () => {
      const said = await made;
      if (said) socket.write(`${JSON.stringify(said)}\n`);
      answered?.();
    });
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
