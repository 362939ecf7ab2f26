/** A session with keys: its connection is reestablished, to any server, until the session expires. */
import { fail, SeawayError } from '../../errors.ts';
import { type Attempt, pause } from '../deadline.ts';
import { type Connection, Expired } from './connection.ts';
import type { Handshake } from './protocol.ts';

type Open = (handshake: Handshake) => Promise<Connection>;

/** Milliseconds between attempts to reconnect. */
const between = 200;

export class ZkSession {
  readonly id: string;
  readonly ttl: number;
  readonly lost: Promise<void>;
  readonly #open: Open;
  readonly #over = new AbortController();
  readonly #finish: () => void;
  #connection: Connection;
  /** The new connection, while reconnecting. */
  #next: Promise<Connection> | undefined;

  static async begin(ttl: number, open: Open): Promise<ZkSession> {
    const first = await open({ timeout: ttl, session: 0n, password: Buffer.alloc(16), lastZxid: 0n });
    return new ZkSession(first, open);
  }

  private constructor(connection: Connection, open: Open) {
    this.id = BigInt.asUintN(64, connection.session).toString(16);
    this.ttl = connection.timeout;
    this.#connection = connection;
    this.#open = open;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.lost = promise;
    this.#finish = () => {
      this.#over.abort();
      resolve();
    };
    void this.#keep();
  }

  async #keep(): Promise<void> {
    while (!this.#over.signal.aborted) {
      await this.#connection.ended;
      if (this.#over.signal.aborted) return;
      this.#next = this.#again();
      this.#next.catch(() => undefined);
      try {
        this.#connection = await this.#next;
      } catch {
        this.#finish();
      }
      this.#next = undefined;
    }
  }

  /** Throws when the session has expired, by the server or by this host's clock. */
  async #again(): Promise<Connection> {
    const { session, password, timeout, lastZxid } = this.#connection;
    const end = performance.now() + timeout;
    let why: unknown;
    while (performance.now() < end && !this.#over.signal.aborted) {
      try {
        return await this.#open({ timeout, session, password, lastZxid: BigInt(lastZxid) });
      } catch (thrown) {
        if (hasExpired(thrown)) throw fail('KV_SESSION_LOST', 'zk', this.id);
        why = thrown;
        await pause(between, this.#over.signal);
      }
    }
    throw why ?? fail('KV_SESSION_LOST', 'zk', this.id);
  }

  async connection({ signal }: Attempt): Promise<Connection> {
    if (this.#over.signal.aborted) throw fail('KV_SESSION_LOST', 'zk', this.id);
    signal.throwIfAborted();
    return this.#connection.isOpen ? this.#connection : (this.#next ?? this.#connection);
  }

  async end(): Promise<void> {
    this.#finish();
    await this.#connection.close();
  }
}

const hasExpired = (thrown: unknown): boolean =>
  thrown instanceof Expired || (thrown instanceof SeawayError && /the session is over/.test(thrown.message));
