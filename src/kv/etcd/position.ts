/** The position of a watch, moved forward by its responses. */
import { fail } from '../../errors.ts';
import type { Feed } from '../feed.ts';
import type { Keys } from './keys.ts';
import type { State } from './range.ts';
import type { ResponseHeader, WatchResponse } from './rpc_pb.ts';
import { changesOf } from './watch.ts';

/** Revisions of one batch: etcd sends one in 100 ms to a watch that is behind. */
const batch = 1_000;

/** Another cluster answered, or this one was restored: raft's term never goes back otherwise. */
const isOfAnother = (known: ResponseHeader, header: ResponseHeader): boolean =>
  header.clusterId !== known.clusterId || header.raftTerm < known.raftTerm;

export class Position {
  readonly #feed: Feed;
  readonly #keys: Keys;
  /** The header of the latest response. Everything up to `#revision` is in the feed. */
  #known: ResponseHeader | undefined;
  #revision = 0n;
  #stale = true;
  /** The whole state was read since the last response. It is not read again at once: others may write faster than it is read. */
  #isNew = false;

  constructor(feed: Feed, keys: Keys) {
    this.#feed = feed;
    this.#keys = keys;
  }

  /** The full state must be read before the watch can go on. */
  get isStale(): boolean {
    return this.#stale;
  }

  get next(): bigint {
    return this.#revision + 1n;
  }

  /** Takes a full state. */
  read({ header, entries }: State): void {
    const range = { revision: Number(header.revision), entries };
    const known = this.#known;
    if (known === undefined || isOfAnother(known, header) || header.revision < this.#revision)
      this.#feed.snapshot(range);
    else this.#feed.state(range);
    this.#known = header;
    this.#revision = header.revision;
    this.#stale = false;
    this.#isNew = true;
  }

  /** Takes a response of the watch. The position may be stale afterwards. */
  take({ header, created, canceled, compactRevision, cancelReason, events }: WatchResponse): void {
    const known = this.#known;
    if (header === undefined || known === undefined) throw new Error('an answer without a header');
    if (canceled && compactRevision === 0n && cancelReason !== '') {
      if (/permission denied|auth/.test(cancelReason)) throw fail('KV_REFUSED', 'etcd', cancelReason);
      throw fail('KV_BROKEN', 'etcd', 'watch', cancelReason);
    }
    // either the server lags behind or the store was restored: a linearizable read tells
    const isBehind = created && header.revision < this.#revision;
    const isFarBehind = created && !this.#isNew && this.#isFarBehind(header.revision);
    this.#isNew = false;
    if (canceled || isBehind || isFarBehind || isOfAnother(known, header)) {
      this.#stale = true;
      return;
    }
    this.#known = header;
    const last = events.at(-1)?.kv?.modRevision;
    if (last !== undefined) this.#feed.changes({ revision: Number(last), ...changesOf(this.#keys, events) });
    if (!created || last !== undefined) this.#revision = last ?? header.revision;
  }

  /** The whole state is there sooner than all that has happened since. A key takes a fifth of the time of a revision, or less. */
  #isFarBehind(revision: bigint): boolean {
    return revision - this.#revision > BigInt(Math.max(batch, Math.ceil(this.#feed.size / 5)));
  }
}
