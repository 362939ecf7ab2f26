/** One connection to the control socket; requests do not wait for the answers of those before. */
import { createConnection } from 'node:net';
import { type ControlAnswer, type ControlRequest, createLineReader } from './protocol.ts';

/** The resolver went away; whether it did what it was asked last is not known. */
export class ConnectionLost extends Error {
  constructor() {
    super('the connection to the resolver is lost');
    this.name = 'ConnectionLost';
  }
}

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
}

/** Connect to a socket that somebody listens on; rejects with ENOENT or ECONNREFUSED if nobody does. */
export function connect(path: string): Promise<Connection> {
  const lost = Promise.withResolvers<void>();
  return new Promise((resolve, reject) => {
    const waiting: Waiting[] = [];
    let state: 'connecting' | 'open' | 'closed' = 'connecting';
    const socket = createConnection(path, () => {
      state = 'open';
      resolve({
        lost: lost.promise,
        call: (request) =>
          new Promise((done, failed) => {
            if (state !== 'open') return failed(new ConnectionLost());
            waiting.push({ resolve: done, reject: failed });
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
      for (const { reject: failed } of waiting.splice(0)) failed(new ConnectionLost());
    });
    const read = createLineReader((line) => waiting.shift()?.resolve(JSON.parse(line) as ControlAnswer));
    socket.on('data', read);
  });
}
