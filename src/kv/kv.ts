/**
 * The contract of a key-value store that engines of many hosts share: etcd, Consul or ZooKeeper.
 *
 * A key is a path of segments below the store's prefix (`networks/4f2a`); a value is text, mostly JSON. Each key has the
 * revision of its last change; within one store's life a later change has a greater one.
 * The contract of `watch` is by state, not by event: Consul and ZooKeeper keep no history.
 * Every call ends within its deadline, with a result or with one of these errors:
 * - `KV_AWAY`: no server was reached, or none of them has a leader. Of a transaction: nothing was done.
 * - `KV_TIMEOUT`: no answer in time. A transaction may have been done or not, or may still be done later: guard it by comparisons.
 * - `KV_REFUSED`: the store does not let this engine in (certificate, user, token).
 * - `KV_BROKEN`: the answer makes no sense, or is an error of the store itself. Of a transaction: as with `KV_TIMEOUT`.
 * - `KV_TOO_LARGE`, `KV_KEY_INVALID`: nothing was asked (`limits.ts`).
 */

export type Entry = { readonly key: string; readonly value: string; readonly revision: number };

/** All keys below a prefix. `revision`: every change up to it is in the entries; later ones may be. */
export type Range = { readonly revision: number; readonly entries: readonly Entry[] };

/** The whole state. The first thing that a watch yields, and again when the changes in between are unknown. */
export type Snapshot = Range & { readonly kind: 'snapshot' };

/** The difference since the last item of the watch: the latest entry of each changed key, and the keys that are gone. */
export type Changes = {
  readonly kind: 'changes';
  readonly revision: number;
  readonly put: readonly Entry[];
  readonly removed: readonly string[];
};

/** `revision`: the key was last changed by exactly this one. `absent`: the key does not exist. */
export type Compare = { readonly key: string } & (
  | { readonly revision: number; readonly absent?: never }
  | { readonly absent: true; readonly revision?: never }
);

/** A key that is put with a session is removed when the session ends. A put without one unbinds it. */
export type Put = { readonly key: string; readonly value: string; readonly session?: Session };

/** All or nothing. At most `kvLimits.operations`; a key is put or removed once; at most one session. */
export type Transaction = {
  readonly compare?: readonly Compare[];
  readonly put?: readonly Put[];
  /** Keys that do not exist are ignored. */
  readonly remove?: readonly string[];
};

export type TransactionResult =
  /** The revision of every key that was put. */
  | { readonly ok: true; readonly revision: number }
  /** A comparison failed and nothing was done. `others`: the current entries of the compared keys that exist. */
  | { readonly ok: false; readonly others: readonly Entry[] };

export type Session = {
  readonly id: string;
  /** Milliseconds without contact until the store ends the session. The store may grant more than was asked for. */
  readonly ttl: number;
  /** Resolves when the session is over, by `close`, by the store, or because `ttl` has passed without contact. */
  readonly lost: Promise<void>;
  /** Ends the session and removes its keys. Never throws: if the store is unreachable, the session expires there. */
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
  /** Called with an error when the store is lost, and without one when it is back. The watch goes on in between. */
  readonly onAway?: (why: Error | undefined) => void;
};

export type SessionOptions = {
  /** Milliseconds. Consul's minimum is 10 s; a ZooKeeper server has limits in its configuration. */
  readonly ttl: number;
  readonly signal?: AbortSignal;
};

export type Kv = {
  /** `etcd`, `consul` or `zk`, for messages. */
  readonly store: string;
  /** All keys below `prefix`, segments without a slash at the end; '' is everything. Linearizable. */
  range(prefix: string, options?: CallOptions): Promise<Range>;
  /**
   * Yields a snapshot, then changes. The last state of each key is always delivered, intermediate ones may be skipped, and no
   * revision of a key is delivered twice. If the store's revision went back (wiped, restored), another snapshot follows;
   * compare its values too, because a restored store may give a revision twice.
   * Never throws because the store is away: it waits, also at the start. It ends when its only consumer leaves the
   * loop, with the signal, and when the client is closed.
   */
  watch(prefix: string, options?: WatchOptions): AsyncIterable<Snapshot | Changes>;
  transact(transaction: Transaction, options?: CallOptions): Promise<TransactionResult>;
  session(options: SessionOptions): Promise<Session>;
  /** Ends watches and sessions and closes connections. */
  close(): Promise<void>;
};
