/** One connection to the control socket; requests do not wait for the answers of those before. */
import { createConnection } from 'node:net';
import { type ControlAnswer, type ControlRequest, createLineReader } from './protocol.ts';

/** The resolver went away; whether it did what it was asked last is not known. */
export class ConnectionLost extends Error {
  /** `late`: it was given up, because there was no answer. */
  readonly why: 'lost' | 'late';

  constructor(why: 'lost' | 'late' = 'lost') {
    super('the connection to the resolver is lost');
    this.name = 'ConnectionLost';
    this.why = why;
  }
}

/** Milliseconds for an answer; then the connection is given up. What asks how it is has its answer ready. */
const patience = { status: 3_000, other: 10_000 } as const;

export interface Connection {
  /** Rejects with ConnectionLost. */
  call(request: ControlRequest): Promise<ControlAnswer>;
  /** Resolves when the other side is gone; never after `close`. */
  readonly lost: Promise<void>;
  close(): void;
}

interface Waiting {
  readonly resolve: (answer: ControlAnswer) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** Connect to a socket that somebody listens on; rejects with ENOENT or ECONNREFUSED if nobody does. */
export function connect(path: string): Promise<Connection> {
  const lost = Promise.withResolvers<void>();
  return new Promise((resolve, reject) => {
    const waiting: Waiting[] = [];
    let state: 'connecting' | 'open' | 'closed' = 'connecting';
    let why: 'lost' | 'late' = 'lost';
    const giveUp = (): void => {
      why = 'late';
      socket.destroy();
    };
    const socket = createConnection(path, () => {
      state = 'open';
      resolve({
        lost: lost.promise,
        call: (request) =>
          new Promise((done, failed) => {
            if (state !== 'open') return failed(new ConnectionLost());
            waiting.push({
              resolve: done,
              reject: failed,
              timer: setTimeout(giveUp, patience[request.op === 'status' ? 'status' : 'other']),
            });
            socket.write(`${JSON.stringify(request)}\n`);
          }),
        close() {
          state = 'closed';
          socket.destroy();
        },
      });
    });
    socket.on('error', reject);
    socket.on('close', () => {
      const unexpected = state === 'open';
      state = 'closed';
      // First: who asks again because of the second must get another connection.
      if (unexpected) lost.resolve();
      for (const { reject: failed, timer } of waiting.splice(0)) {
        clearTimeout(timer);
        failed(new ConnectionLost(why));
      }
    });
    const read = createLineReader((line) => {
      const first = waiting.shift();
      clearTimeout(first?.timer);
      first?.resolve(JSON.parse(line) as ControlAnswer);
    });
    socket.on('data', read);
  });
}
