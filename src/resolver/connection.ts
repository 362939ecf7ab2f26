/** A connection to the control socket, with pipelined requests. */
import { createConnection, type Socket } from 'node:net';
import { type ControlAnswer, type ControlRequest, createLineReader } from './protocol.ts';

/** The connection was lost; pending requests may have been carried out or not. */
export class ConnectionLost extends Error {
  /** `late`: it was closed, because no answer came. */
  readonly why: 'lost' | 'late';

  constructor(why: 'lost' | 'late' = 'lost') {
    super('the connection to the resolver is lost');
    this.name = 'ConnectionLost';
    this.why = why;
  }
}

/** Milliseconds for an answer, after which the connection is closed. */
const patience = { status: 3_000, other: 10_000 } as const;

export interface Connection {
  /** Rejects with ConnectionLost. */
  call(request: ControlRequest): Promise<ControlAnswer>;
  /** Resolves when the other side closes; never after `close`. */
  readonly lost: Promise<void>;
  close(): void;
}

interface Waiting {
  readonly resolve: (answer: ControlAnswer) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** Connects to a listening socket. Rejects with ENOENT or ECONNREFUSED if none listens. */
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
      // before the rejections, so that a repeated request gets another connection
      if (unexpected) lost.resolve();
      for (const { reject: failed, timer } of waiting.splice(0)) {
        clearTimeout(timer);
        failed(new ConnectionLost(why));
      }
    });
    readAnswers(socket, (answer) => {
      const first = waiting.shift();
      clearTimeout(first?.timer);
      first?.resolve(answer);
    });
  });
}

/** Closes the connection for a line that is not of the protocol. */
function readAnswers(socket: Socket, take: (answer: ControlAnswer) => void): void {
  const read = createLineReader((line) => take(JSON.parse(line) as ControlAnswer));
  socket.on('data', (chunk: Buffer) => {
    try {
      read(chunk);
    } catch {
      socket.destroy();
    }
  });
}
