/** What the parts of a cluster's client share. */
import { fail } from '../errors.ts';
import type { Kv } from '../kv/kv.ts';
import type { Change, View } from '../model/tables.ts';
import type { Logger } from '../observe/logger.ts';
import type { Gate } from './gate.ts';
import type { Mirror } from './mirror.ts';

export interface ClusterContext {
  readonly kv: Kv;
  readonly mirror: Mirror;
  readonly view: View;
  /** Id of this host's node. */
  readonly here: string;
  /** Transactions go through it side by side, comparing whole states alone. */
  readonly gate: Gate;
  readonly standing: Standing;
  readonly logger: Logger;
  now(): string;
  /** Brings records in: memory, disk, names, and what follows from them in the kernel. */
  arrive(changes: readonly Change[]): Promise<void>;
}

/** Whether the store can be written, and why not. */
export class Standing {
  readonly #store: string;
  /** The store does not answer. */
  away: Error | undefined;
  /** This engine is not let in. */
  refused: Error | undefined;
  /** What this host has was compared with the store since they met. */
  isCompared = false;
  /** The store has lost what it had, so that nothing is removed here. */
  isFrozen = false;
  /** The store was wiped or restored since this host's claims were last compared with it. */
  isRenewed = false;
  /** Keys of transactions whose answer is awaited. */
  readonly inFlight = new Set<string>();
  /** Networks that were refused here, though the store may have made them. */
  readonly doubtful = new Set<string>();

  constructor(store: string) {
    this.#store = store;
  }

  /** undefined: it can. */
  get why(): Error | undefined {
    if (this.away) return this.away;
    if (this.refused) return this.refused;
    return this.isCompared ? undefined : fail('CLUSTER_NOT_READ', this.#store);
  }
}
