/** What a store has to do itself. `client.ts` makes a `Kv` of it: checks, deadlines, watches that go on, sessions. */
import type { Attempt } from './deadline.ts';
import type { Feed } from './feed.ts';
import type { Range, Transaction, TransactionResult } from './kv.ts';

/** What keeps a session alive. */
export type Grant = {
  readonly id: string;
  /** Milliseconds. */
  readonly ttl: number;
  /** Whether the session is still there. Called each third of its ttl; not there where the store does it by itself. */
  renew?(attempt: Attempt): Promise<boolean>;
  /** Resolves when the session is over; for stores that tell. */
  readonly lost?: Promise<void>;
  end(attempt: Attempt): Promise<void>;
};

export type Following = Attempt & {
  /** To be called when the store has answered: it is not away. */
  reached(): void;
};

export type Backend = {
  readonly store: string;
  range(prefix: string, attempt: Attempt): Promise<Range>;
  transact(transaction: Transaction, attempt: Attempt): Promise<TransactionResult>;
  /** Bring the state below a prefix into the feed, and what happens then. Throws when the store is lost; called again then. */
  follow(prefix: string, feed: Feed, following: Following): Promise<void>;
  grant(ttl: number, attempt: Attempt): Promise<Grant>;
  close(): Promise<void>;
};
