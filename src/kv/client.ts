/** Everything that the three stores have in common. */
import { fail, hasCode, SeawayError } from '../errors.ts';
import type { Backend } from './backend.ts';
import { pause, within } from './deadline.ts';
import { Feed } from './feed.ts';
import type {
  CallOptions,
  Kv,
  Range,
  Session,
  SessionOptions,
  Transaction,
  TransactionResult,
  WatchOptions,
} from './kv.ts';
import { checkPrefix, checkTransaction, type KvLimits, kvLimits } from './limits.ts';
import { keepSession } from './session.ts';

/**
 * Milliseconds between attempts to reach a store, doubled from the first to the second value, with jitter. Connecting times out
 * after 1.5 s and TCP retransmits its SYN after 1 s, so a network that recovers is noticed within about a second.
 */
const [firstWait, longestWait] = [50, 300];

/** What lets the client in. */
export type Credentials = {
  /** Reads them again; false if they are as they were. Throws `CONFIG_INVALID`. */
  renew(): Promise<boolean>;
};

/** Restarts a watch until the signal aborts, and reports outages to `onAway`. */
async function followOn(
  backend: Backend,
  prefix: string,
  watching: WatchOptions & { feed: Feed; over: AbortSignal; renew: () => Promise<unknown> },
) {
  const { feed, over, onAway, renew } = watching;
  let wait = firstWait;
  let away = false;
  const reached = (): void => {
    wait = firstWait;
    if (away) onAway?.(undefined);
    away = false;
  };
  const following = { signal: over, left: () => Number.POSITIVE_INFINITY, reached };
  while (!over.aborted) {
    try {
      await backend.follow(prefix, feed, following);
    } catch (thrown) {
      if (over.aborted) break;
      const broken = await renew().then(
        () => undefined,
        (error: unknown) => error,
      );
      const why =
        broken instanceof SeawayError
          ? broken
          : thrown instanceof SeawayError
            ? thrown
            : fail('KV_BROKEN', backend.store, 'watch', String(thrown));
      if (!away) onAway?.(why);
      away = true;
    }
    await pause(wait * (0.75 + Math.random() / 2), over);
    wait = Math.min(longestWait, wait * 2);
  }
}

class KvClient implements Kv {
  readonly store: string;
  readonly #backend: Backend;
  readonly #credentials: Credentials | undefined;
  readonly #most: KvLimits;
  readonly #over = new AbortController();
  readonly #sessions = new Set<Session>();
  readonly #loops = new Set<Promise<void>>();
  #closed: Promise<void> | undefined;

  constructor(
    backend: Backend,
    {
      credentials,
      limits = kvLimits,
    }: { readonly credentials?: Credentials | undefined; readonly limits?: KvLimits },
  ) {
    this.#backend = backend;
    this.#credentials = credentials;
    this.#most = limits;
    this.store = backend.store;
  }

  get #limits() {
    return { store: this.store, closing: this.#over.signal };
  }

  async range(prefix: string, options: CallOptions = {}): Promise<Range> {
    checkPrefix(prefix);
    const limits = { ...options, ...this.#limits };
    return this.#letIn(() =>
      within(`range ${prefix}`.trim(), limits, (attempt) => this.#backend.range(prefix, attempt)),
    );
  }

  async transact(transaction: Transaction, options: CallOptions = {}): Promise<TransactionResult> {
    checkTransaction(transaction, this.#most);
    const session = transaction.put?.find((one) => one.session !== undefined)?.session;
    if (session && !this.#sessions.has(session)) throw fail('KV_SESSION_LOST', this.store, session.id);
    const limits = { ...options, ...this.#limits };
    return this.#letIn(() =>
      within('transact', limits, (attempt) => this.#backend.transact(transaction, attempt)),
    );
  }

  /** Once more with other credentials, if nothing was done and they have changed. */
  async #letIn<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (thrown) {
      if (!hasCode(thrown, 'KV_AWAY', 'KV_REFUSED') || !(await this.#renew())) throw thrown;
      return await ask();
    }
  }

  async #renew(): Promise<boolean> {
    return (await this.#credentials?.renew()) ?? false;
  }

  watch(prefix: string, options: WatchOptions = {}): Feed {
    checkPrefix(prefix);
    const left = new AbortController();
    const feed = new Feed(() => left.abort());
    const over = AbortSignal.any([
      this.#over.signal,
      left.signal,
      ...(options.signal ? [options.signal] : []),
    ]);
    over.addEventListener('abort', () => feed.end());
    if (over.aborted) feed.end();
    const loop = followOn(this.#backend, prefix, { ...options, feed, over, renew: () => this.#renew() });
    this.#loops.add(loop);
    void loop.finally(() => this.#loops.delete(loop));
    return feed;
  }

  async session({ ttl, signal }: SessionOptions): Promise<Session> {
    const limits = { ...(signal && { signal }), ...this.#limits };
    const grant = await this.#letIn(() =>
      within('begin a session', limits, (attempt) => this.#backend.grant(ttl, attempt)),
    );
    const session = keepSession(grant, limits);
    this.#sessions.add(session);
    void session.lost.then(() => this.#sessions.delete(session));
    return session;
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#sessions].map((one) => one.close()));
    this.#over.abort();
    await Promise.all(this.#loops);
    await this.#backend.close();
  }
}

/** `limits`: of a store of our own, which is set to take more. */
export const createKv = (
  backend: Backend,
  more: { readonly credentials?: Credentials | undefined; readonly limits?: KvLimits } = {},
): Kv => new KvClient(backend, more);
