/** Queries to one server by UDP. */
import { randomInt } from 'node:crypto';
import type { Socket } from 'node:dgram';
import { headerSize, isAnswer } from './decode.ts';
import type { Origin } from './origin.ts';

/** Milliseconds after which new questions use another socket with another port. */
const lifetime = 10_000;

export interface Upstream {
  /**
   * The server's answer, with the id that was sent. Rejects after `timeout` milliseconds, and at once if the
   * server's host reports that nothing listens.
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

/** A connected socket and its waiting questions. */
class Session {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  #state: 'connecting' | 'open' | 'retired' | 'closed' = 'connecting';

  constructor(socket: Socket, server: string) {
    this.#socket = socket;
    socket.on('error', (error) => this.#break(error));
    socket.on('message', (message) => this.#take(message));
    // a connected socket accepts only packets from the server's address and port; Node calls back with an error
    // where it cannot connect: no route, a prohibited or a broadcast address
    socket.connect(53, server, (error?: Error) => (error ? this.#break(error) : this.#connected()));
  }

  get usable(): boolean {
    return this.#state === 'connecting' || this.#state === 'open';
  }

  /** Sends the query with a new id. The returned function forgets it. */
  ask({ query, settle }: Waiting): () => void {
    const id = freeId(this.#waiting);
    const sent = withId(query, id);
    this.#waiting.set(id, { query: sent, settle });
    if (this.#state === 'open') this.#send(sent);
    return () => this.#forget(id);
  }

  /** Accepts no new questions, and closes after the last one. */
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

  /** Fails all waiting questions; the next one gets another socket. */
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

/** An unused, unpredictable id (RFC 5452, 4.3). */
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
 * Whether a message answers the query: it must repeat the question in any case (RFC 5452, 4.2). A server that could
 * not parse the query may leave the question out.
 */
export function answers(message: Buffer, query: Buffer): boolean {
  if (!isAnswer(message) || message.readUInt16BE(0) !== query.readUInt16BE(0)) return false;
  if (message.readUInt16BE(4) === 0) return ((message[3] ?? 0) & 0xf) !== 0;
  const end = questionEnd(query);
  if (message.readUInt16BE(4) !== 1 || message.length < end) return false;
  const text = (part: Buffer): string => part.toString('latin1', headerSize, end).toLowerCase();
  return text(message) === text(query);
}

/** Offset after the question of a valid query. */
function questionEnd(query: Buffer): number {
  let at = headerSize;
  for (let size = query[at] ?? 0; size !== 0; size = query[at] ?? 0) at += size + 1;
  return at + 5;
}
