/** What the parts of the cluster client share. */
import { fail } from '../errors.ts';
import type { Kv } from '../kv/kv.ts';
import type { Change, View } from '../model/tables.ts';
import type { Logger } from '../observe/logger.ts';
import type { Gate } from './gate.ts';
import type { Leaving } from './leaving.ts';
import type { Mirror } from './mirror.ts';

export interface ClusterContext {
  readonly kv: Kv;
  readonly mirror: Mirror;
  readonly view: View;
  /** Id of this host's node. */
  readonly here: string;
  /** Shared by transactions, exclusive for comparisons of the whole state. */
  readonly gate: Gate;
  readonly standing: Standing;
  readonly logger: Logger;
  now(): string;
  /** Commits arriving records and applies them to names and the kernel. */
  arrive(changes: readonly Change[]): Promise<void>;
}

/** Whether the store can be written, and if not, why. */
export class Standing {
  readonly #store: string;
  /** The store does not answer. */
  away: Error | undefined;
  /** This engine could not join the cluster. */
  refused: Error | undefined;
  /** This host's records were compared with the store since the engine started. */
  isCompared = false;
  /** The store has lost its contents: nothing is removed here for a while. */
  isFrozen = false;
  /** The store was wiped or restored since this host's claims were last compared with it. */
  isRenewed = false;
  /** It was, and the claims were not yet settled: of two to one address the older one wins. */
  isContested = false;
  /** Keys of transactions under way. */
  readonly inFlight = new Set<string>();
  /** Endpoints whose transaction has not ended, with a token of that transaction. */
  readonly pending = new Map<string, object>();
  readonly leaving: Leaving;
  /** Networks whose creation failed here although the store may have them. */
  readonly doubtful = new Set<string>();

  constructor(store: string, leaving: Leaving) {
    this.#store = store;
    this.leaving = leaving;
  }

  /** Undefined if it can be written. */
  get why(): Error | undefined {
    if (this.away) return this.away;
    if (this.refused) return this.refused;
    return this.isCompared ? undefined : fail('CLUSTER_NOT_READ', this.#store);
  }
}
