/**
 * The contract of a key-value store that engines of many hosts share: etcd, Consul or ZooKeeper.
 *
 * A key is a path of segments below the store's prefix (`networks/4f2a`); a value is text, mostly JSON. Each key has the
 * revision of its last change; within one store's life a later change has a greater one.
 * The contract of `watch` is by state, not by event: Consul and ZooKeeper keep no history.
 * Every call ends within its deadline, with a result or with one of these errors:
 * - `KV_AWAY`: no server was reached, or none of them has a leader. Of a transaction: nothing was done.
 * - `KV_TIMEOUT`: no answer in time. A transaction may have been done or not, or may be done later: compare what it rests on.
 * - `KV_REFUSED`: the store does not let this engine in (certificate, user, token).
 * - `KV_BROKEN`: the answer makes no sense, or is an error of the store itself. Of a transaction: as with `KV_TIMEOUT`.
 * - `KV_TOO_LARGE`, `KV_KEY_INVALID`: nothing was asked (`limits.ts`).
 */

export type Entry = { readonly key: string; readonly value: string; readonly revision: number };

/** All keys below a prefix. `revision`: every change up to it is in the entries; later ones may be. */
export type Range = { readonly revision: number; readonly entries: readonly Entry[] };

/** The whole state. The first thing that a watch yields, and again when the store could not tell what happened between. */
export type Snapshot = Range & { readonly kind: 'snapshot' };

/** What is different since the last thing that the watch yielded: the latest entry of each key, keys that are gone. */
export type Changes = {
  readonly kind: 'changes';
  readonly revision: number;
  readonly put: readonly Entry[];
  readonly removed: readonly string[];
};

/** `revision`: the key's last change is exactly this one; `absent`: there is no such key. */
export type Compare = { readonly key: string } & (
  | { readonly revision: number; readonly absent?: never }
  | { readonly absent: true; readonly revision?: never }
);

/** With a session the key is gone when the session ends; a put without one unbinds it. */
export type Put = { readonly key: string; readonly value: string; readonly session?: Session };

/** All or nothing. At most `kvLimits.operations`; a key is put or removed once; at most one session. */
export type Transaction = {
  readonly compare?: readonly Compare[];
  readonly put?: readonly Put[];
  /** Keys that are not there are no error. */
  readonly remove?: readonly string[];
};

export type TransactionResult =
  /** The revision of every key that was put. */
  | { readonly ok: true; readonly revision: number }
  /** A comparison failed and nothing was done. `others`: the compared keys that are there, as they are now. */
  | { readonly ok: false; readonly others: readonly Entry[] };

export type Session = {
  readonly id: string;
  /** Milliseconds without contact until the store ends it; what the store granted, which may be more than was asked. */
  readonly ttl: number;
  /** Resolves when the session is over, by `close`, by the store, or because `ttl` has passed without contact. */
  readonly lost: Promise<void>;
  /** End it, and the keys bound to it with it. Never throws: what cannot be told to the store ends by its ttl. */
  close(): Promise<void>;
};

export type CallOptions = {
  readonly signal?: AbortSignal;
  /** Milliseconds until `KV_TIMEOUT`; by default `kvLimits.deadline`. */
  readonly deadline?: number;
};

export type WatchOptions = {
  /** Ends the watch: the iteration is over, without an error. */
  readonly signal?: AbortSignal;
  /** Called with the error when the store is lost, and with nothing when it is back. The watch goes on by itself. */
  readonly onAway?: (why: Error | undefined) => void;
};

export type SessionOptions = {
  /** Milliseconds. Consul has 10 s at least, ZooKeeper has limits of its server. */
  readonly ttl: number;
  readonly signal?: AbortSignal;
};

export type Kv = {
  /** `etcd`, `consul` or `zk`, for messages. */
  readonly store: string;
  /** All keys below `prefix`, segments without a slash at the end; '' is everything. Linearizable. */
  range(prefix: string, options?: CallOptions): Promise<Range>;
  /**
   * A snapshot, then changes. The last state of each key is never missed, intermediate ones may be. Nothing is told twice to
   * a consumer that compares revisions. Where the store was away and continuity is not certain, or its revision went back
   * (wiped, restored), another snapshot follows: `changesBetween` gives the difference.
   * Does not throw while the store is away: it comes back by itself, also at its start. It ends when its one consumer
   * leaves the loop, by the signal, and with the client.
   */
  watch(prefix: string, options?: WatchOptions): AsyncIterable<Snapshot | Changes>;
  transact(transaction: Transaction, options?: CallOptions): Promise<TransactionResult>;
  session(options: SessionOptions): Promise<Session>;
  /** Ends watches and sessions, and gives connections back. */
  close(): Promise<void>;
};
