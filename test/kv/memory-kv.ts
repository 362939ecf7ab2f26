/**
 * A key-value store in memory behind the contract of `src/kv/kv.ts`, for tests of what stands on it. Clients are cut off
 * and slowed down one by one; the store is saved, restored and wiped. It passes `test/contract/kv.ts`.
 *
 *     const store = createMemoryStore();
 *     const [one, two] = [store.connect(), store.connect()];
 *     two.cut();        // its calls fail with KV_AWAY, its sessions end after their ttl, its watches wait
 *     two.mend();
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { fail } from '../../src/errors.ts';
import { liesBelow } from '../../src/kv/difference.ts';
import { Feed } from '../../src/kv/feed.ts';
import type {
  CallOptions,
  Changes,
  Compare,
  Entry,
  Kv,
  Range,
  Session,
  Snapshot,
  Transaction,
  TransactionResult,
  WatchOptions,
} from '../../src/kv/kv.ts';
import { checkPrefix, checkTransaction, kvLimits } from '../../src/kv/limits.ts';

type Stored = { readonly value: string; readonly revision: number; readonly session?: Session };
type Saved = { readonly revision: number; readonly keys: ReadonlyMap<string, Stored> };

type Cut = 'away' | 'silent' | 'lost';

export type MemoryKv = Kv & {
  /**
   * Calls fail, or hang until their deadline (`silent`), as with a server that is stopped. With `lost` they are done, and their
   * answers do not come back.
   */
  cut(how?: Cut): void;
  mend(): void;
  /** Milliseconds before each call reaches the store. */
  delay: number;
  /** Ends all of this client's sessions in the store, as if their ttl had passed. */
  expire(): void;
};

export type MemoryStore = {
  /** A client of the keys below a folder, which need not be there. */
  connect(folder?: string): MemoryKv;
  /** The keys as they are, for assertions. */
  dump(): Record<string, string>;
  save(): Saved;
  /** As from a backup: the revision goes back, too. Watches get a snapshot. */
  restore(saved: Saved): void;
  wipe(): void;
};

class MemoryServer {
  revision = 1;
  keys = new Map<string, Stored>();
  readonly clients = new Set<MemoryClient>();

  range(prefix: string): Range {
    const below = [...this.keys].filter(([key]) => liesBelow(prefix, key));
    const entries = below.map(([key, { value, revision }]) => ({ key, value, revision }));
    return { revision: this.revision, entries: entries.sort((a, b) => (a.key < b.key ? -1 : 1)) };
  }

  transact({ compare = [], put = [], remove = [] }: Transaction): TransactionResult {
    const holds = (one: Compare): boolean => this.keys.get(one.key)?.revision === one.revision;
    if (!compare.every(holds)) return { ok: false, others: this.#entries(compare.map(({ key }) => key)) };
    const gone = remove.filter((key) => this.keys.delete(key));
    if (put.length + gone.length === 0) return { ok: true, revision: this.revision };
    const revision = ++this.revision;
    for (const { key, value, session } of put)
      this.keys.set(key, { value, revision, ...(session && { session }) });
    this.tell('state');
    return { ok: true, revision };
  }

  #entries(keys: readonly string[]): readonly Entry[] {
    return keys.flatMap((key) => {
      const stored = this.keys.get(key);
      return stored === undefined ? [] : [{ key, value: stored.value, revision: stored.revision }];
    });
  }

  endSession(session: Session): void {
    const bound = [...this.keys].filter(([, stored]) => stored.session === session);
    if (bound.length > 0) this.transact({ remove: bound.map(([key]) => key) });
  }

  replace({ revision, keys }: Saved): void {
    this.revision = revision;
    this.keys = new Map(keys);
    for (const client of this.clients) client.fresh = true;
    this.tell('snapshot');
  }

  tell(how: 'state' | 'snapshot'): void {
    for (const client of this.clients) client.tell(how);
  }
}

type Watching = { readonly prefix: string; readonly feed: Feed; readonly options: WatchOptions };
type Held = { readonly session: Session; end(): void; timer?: NodeJS.Timeout };

class MemoryClient implements MemoryKv {
  readonly store = 'memory';
  delay = 0;
  /** The store was restored while this client was cut off. */
  fresh = false;
  readonly #server: MemoryServer;
  readonly #watches = new Set<Watching>();
  readonly #sessions = new Set<Held>();
  #cut: Cut | undefined;
  #closed = false;
  #drawn = 0;

  readonly #folder: string;

  constructor(server: MemoryServer, folder?: string) {
    this.#server = server;
    this.#folder = folder === undefined ? '' : `${folder}/`;
    server.clients.add(this);
  }

  async range(prefix: string, options: CallOptions = {}): Promise<Range> {
    checkPrefix(prefix);
    await this.#reach(`range ${prefix}`, options);
    if (this.#cut === 'lost') throw this.#away();
    return this.#below(prefix);
  }

  #below(prefix: string): Range {
    const { revision, entries } = this.#server.range(`${this.#folder}${prefix}`.replace(/\/$/, ''));
    return { revision, entries: entries.map((one) => this.#bare(one)) };
  }

  readonly #bare = (entry: Entry): Entry => ({ ...entry, key: entry.key.slice(this.#folder.length) });
  readonly #full = <T extends { readonly key: string }>(one: T): T => ({
    ...one,
    key: `${this.#folder}${one.key}`,
  });

  async transact(transaction: Transaction, options: CallOptions = {}): Promise<TransactionResult> {
    checkTransaction(transaction);
    await this.#reach('transact', options);
    const session = transaction.put?.find((one) => one.session !== undefined)?.session;
    if (session && ![...this.#sessions].some((held) => held.session === session))
      throw fail('KV_SESSION_LOST', this.store, session.id);
    const { compare = [], put = [], remove = [] } = transaction;
    const result = this.#server.transact({
      compare: compare.map(this.#full),
      put: put.map(this.#full),
      remove: remove.map((key) => `${this.#folder}${key}`),
    });
    if (this.#cut === 'lost') throw fail('KV_BROKEN', this.store, 'transact', 'connection lost');
    return result.ok ? result : { ok: false, others: result.others.map(this.#bare) };
  }

  async #reach(doing: string, { signal, deadline = kvLimits.deadline }: CallOptions): Promise<void> {
    signal?.throwIfAborted();
    if (this.delay > 0) await sleep(Math.min(this.delay, deadline), undefined, signal && { signal });
    else await Promise.resolve();
    if (this.#closed) throw fail('KV_CLOSED', this.store);
    if (this.#cut === 'away') throw this.#away();
    if (this.#cut === 'silent') await sleep(deadline, undefined, signal && { signal });
    if (this.#cut === 'silent' || this.delay > deadline)
      throw fail('KV_TIMEOUT', this.store, doing, deadline / 1000);
  }

  #away(): Error {
    return fail('KV_AWAY', this.store, 'error #0: dial tcp 127.0.0.1:1: connect: connection refused');
  }

  watch(prefix: string, options: WatchOptions = {}): AsyncIterable<Snapshot | Changes> {
    checkPrefix(prefix);
    const end = (): void => {
      this.#watches.delete(watching);
      watching.feed.end();
    };
    const watching: Watching = { prefix, feed: new Feed(end), options };
    options.signal?.addEventListener('abort', end);
    if (this.#closed || options.signal?.aborted) end();
    else this.#begin(watching);
    return watching.feed;
  }

  #begin(watching: Watching): void {
    this.#watches.add(watching);
    if (this.#cut === undefined) watching.feed.snapshot(this.#below(watching.prefix));
    else watching.options.onAway?.(this.#away());
  }

  tell(how: 'state' | 'snapshot'): void {
    if (this.#cut !== undefined) return;
    for (const { feed, prefix } of this.#watches) feed[how](this.#below(prefix));
    this.fresh = false;
  }

  async session({ ttl, signal }: { ttl: number; signal?: AbortSignal }): Promise<Session> {
    await this.#reach('session', {});
    const { promise: lost, resolve } = Promise.withResolvers<void>();
    const held: Held = {
      session: { id: `m${++this.#drawn}`, ttl, lost, close: async () => held.end() },
      end: () => {
        clearTimeout(held.timer);
        this.#sessions.delete(held);
        this.#server.endSession(held.session);
        resolve();
      },
    };
    this.#sessions.add(held);
    signal?.addEventListener('abort', () => held.end());
    return held.session;
  }

  expire(): void {
    for (const held of this.#sessions) held.end();
  }

  cut(how: Cut = 'away'): void {
    this.#cut = how;
    for (const { options } of this.#watches) options.onAway?.(this.#away());
    for (const held of this.#sessions) held.timer ??= setTimeout(() => held.end(), held.session.ttl);
  }

  mend(): void {
    this.#cut = undefined;
    for (const held of this.#sessions) {
      clearTimeout(held.timer);
      delete held.timer;
    }
    for (const { prefix, feed, options } of this.#watches) {
      const range = this.#below(prefix);
      feed[this.fresh ? 'snapshot' : 'state'](range);
      options.onAway?.(undefined);
    }
    this.fresh = false;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#server.clients.delete(this);
    this.expire();
    for (const { feed } of this.#watches) feed.end();
    this.#watches.clear();
  }
}

export function createMemoryStore(): MemoryStore {
  const server = new MemoryServer();
  return {
    connect: (folder) => new MemoryClient(server, folder),
    dump: () => Object.fromEntries(server.range('').entries.map(({ key, value }) => [key, value])),
    save: () => ({ revision: server.revision, keys: new Map(server.keys) }),
    restore: (saved) => server.replace(saved),
    wipe: () => server.replace({ revision: 1, keys: new Map() }),
  };
}
