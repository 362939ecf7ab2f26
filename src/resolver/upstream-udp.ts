/** Asking one server by UDP. */
import { randomInt } from 'node:crypto';
import type { Socket } from 'node:dgram';
import { headerSize, isAnswer } from './decode.ts';
import type { Origin } from './origin.ts';

/** Milliseconds that a socket is used for new questions; then another one, with another port, is. */
const lifetime = 10_000;

export interface Upstream {
  /**
   * The server's answer, with the server's id in it. Rejects after `timeout` milliseconds, and at once if
   * the server's host says that nobody listens.
   */
  ask(query: Buffer, timeout: number): Promise<Buffer>;
  close(): void;
}

interface Waiting {
  readonly query: Buffer;
  readonly settle: (result: Buffer | Error) => void;
}

export function createUdpUpstream(origin: Origin, server: string): Upstream {
  let session: Session | undefined;
  let retiring: NodeJS.Timeout | undefined;
  const retire = (): void => {
    clearTimeout(retiring);
    session?.retire();
    session = undefined;
  };
  const current = (): Session => {
    if (session?.usable) return session;
    retire();
    session = new Session(origin.udp(server), server);
    retiring = setTimeout(retire, lifetime).unref();
    return session;
  };
  return {
    ask: (query, timeout) =>
      new Promise((resolve, reject) => {
        let forget = (): void => {};
        const timer = setTimeout(() => {
          forget();
          reject(new Error(`${server} did not answer within ${timeout} ms`));
        }, timeout);
        const settle = (result: Buffer | Error): void => {
          clearTimeout(timer);
          if (result instanceof Error) reject(result);
          else resolve(result);
        };
        try {
          forget = current().ask({ query, settle });
        } catch (error) {
          settle(error instanceof Error ? error : new Error(String(error)));
        }
      }),
    close: retire,
  };
}

/** A connected socket and the questions that wait for an answer through it. */
class Session {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  #state: 'connecting' | 'open' | 'retired' | 'closed' = 'connecting';

  constructor(socket: Socket, server: string) {
    this.#socket = socket;
    socket.on('error', (error) => this.#break(error));
    socket.on('message', (message) => this.#take(message));
    // The socket takes only what comes from the server's address and port once it is connected. Node calls
    // back with the error where it cannot be: no route, a prohibited or a broadcast address.
    socket.connect(53, server, (error?: Error) => (error ? this.#break(error) : this.#connected()));
  }

  get usable(): boolean {
    return this.#state === 'connecting' || this.#state === 'open';
  }

  /** Send it with its own id. The function returned forgets it. */
  ask({ query, settle }: Waiting): () => void {
    const id = freeId(this.#waiting);
    const sent = withId(query, id);
    this.#waiting.set(id, { query: sent, settle });
    if (this.#state === 'open') this.#send(sent);
    return () => this.#forget(id);
  }

  /** No new questions: close when the last one is settled. */
  retire(): void {
    if (this.usable) this.#state = 'retired';
    this.#closeIfDone();
  }

  #connected(): void {
    if (this.#state === 'closed') return;
    if (this.#state === 'connecting') this.#state = 'open';
    for (const { query } of this.#waiting.values()) this.#send(query);
  }

  #take(message: Buffer): void {
    const id = message.length >= headerSize ? message.readUInt16BE(0) : -1;
    const found = this.#waiting.get(id);
    if (!found || !answers(message, found.query)) return;
    this.#forget(id);
    found.settle(message);
  }

  #send(query: Buffer): void {
    const failed = (error: Error | null): void => {
      if (error) this.#break(error);
    };
    try {
      this.#socket.send(query, failed);
    } catch (error) {
      this.#break(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #forget(id: number): void {
    this.#waiting.delete(id);
    this.#closeIfDone();
  }

  #closeIfDone(): void {
    if (this.#state === 'retired' && this.#waiting.size === 0) this.#close();
  }

  /** All questions that wait fail; the next one gets another socket. */
  #break(error: Error): void {
    if (this.#state === 'closed') return;
    const all = [...this.#waiting.values()];
    this.#waiting.clear();
    this.#close();
    for (const { settle } of all) settle(error);
  }

  #close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#socket.close();
  }
}

/** An id that is not in use and cannot be foreseen (RFC 5452, 4.3). */
function freeId(used: ReadonlyMap<number, unknown>): number {
  for (;;) {
    const id = randomInt(0x10000);
    if (!used.has(id)) return id;
  }
}

/** A copy of a message with another id. */
export function withId(message: Buffer, id: number): Buffer {
  const copy = Buffer.from(message);
  copy.writeUInt16BE(id, 0);
  return copy;
}

/**
 * Whether a message answers that query: its question is there again (RFC 5452, 4.2), whatever its case.
 * A server that could not even read the query may leave the question out.
 */
export function answers(message: Buffer, query: Buffer): boolean {
  if (!isAnswer(message) || message.readUInt16BE(0) !== query.readUInt16BE(0)) return false;
  if (message.readUInt16BE(4) === 0) return ((message[3] ?? 0) & 0xf) !== 0;
  const end = questionEnd(query);
  if (message.readUInt16BE(4) !== 1 || message.length < end) return false;
  const text = (part: Buffer): string => part.toString('latin1', headerSize, end).toLowerCase();
  return text(message) === text(query);
}

/** Where the question of a query that has been read already ends. */
function questionEnd(query: Buffer): number {
  let at = headerSize;
  for (let size = query[at] ?? 0; size !== 0; size = query[at] ?? 0) at += size + 1;
  return at + 5;
}
