/** The part that each store implements. `client.ts` turns it into a `Kv` by adding checks, deadlines, retries and sessions. */
import type { Attempt } from './deadline.ts';
import type { Feed } from './feed.ts';
import type { Range, Transaction, TransactionResult } from './kv.ts';

/** A session that the store has granted. */
export type Grant = {
  readonly id: string;
  /** Milliseconds. */
  readonly ttl: number;
  /** Called every third of the ttl. Resolves with false if the session is gone. Absent if the connection itself keeps it alive. */
  renew?(attempt: Attempt): Promise<boolean>;
  /** Resolves when the session is over, for stores that report it. */
  readonly lost?: Promise<void>;
  end(attempt: Attempt): Promise<void>;
};

export type Following = Attempt & {
  /** Call this when the store has answered. */
  reached(): void;
};

export type Backend = {
  readonly store: string;
  range(prefix: string, attempt: Attempt): Promise<Range>;
  transact(transaction: Transaction, attempt: Attempt): Promise<TransactionResult>;
  /** Feed the state below a prefix and then its changes. Throws when the connection is lost, and is then called again. */
  follow(prefix: string, feed: Feed, following: Following): Promise<void>;
  grant(ttl: number, attempt: Attempt): Promise<Grant>;
  close(): Promise<void>;
};
