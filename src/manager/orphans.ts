/** Nodes whose manager is gone: they have time to find another one, and are down after that. Noted by the leader. */
import { messageOf } from '../errors.ts';
import type { Logger } from '../observe/logger.ts';
import { sessionLost } from './node-changes.ts';
import type { Sessions } from './sessions.ts';
import type { ManagerStore } from './store.ts';

export interface OrphansOptions {
  readonly store: ManagerStore;
  readonly sessions: Sessions;
  readonly managerId: string;
  readonly logger: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Beats that a node may miss, doubled: its manager may have died right after the last one. */
const beats = 6;
/** The same for a manager's own node, which looks for no other manager. */
const ownBeats = 2;

export class Orphans {
  readonly #options: OrphansOptions;
  /** Node to when it was first seen without a manager, by the monotonic clock. */
  readonly #since = new Map<string, number>();

  constructor(options: OrphansOptions) {
    this.#options = options;
  }

  /** Another manager leads, which counts by itself. */
  forget(): void {
    this.#since.clear();
  }

  async look(): Promise<void> {
    const { store, sessions, logger, now } = this.#options;
    const at = performance.now();
    for (const { id, status, session } of [...store.view.all('nodes')]) {
      if (status.state === 'down' || this.#hasManager(id, session?.managerId)) {
        this.#since.delete(id);
        continue;
      }
      const since = this.#since.get(id) ?? at;
      this.#since.set(id, since);
      const most = session?.managerId === id ? ownBeats : beats;
      if (!session || at - since < most * sessions.period) continue;
      this.#since.delete(id);
      logger.warn('a node has not come back after its manager went', { node: id });
      await store
        .transact(sessionLost({ id, now: now() }, { sessionId: session.id, message: 'heartbeat failure' }))
        .catch((error) => logger.warn('the state of a node is not on record', { error: messageOf(error) }));
    }
  }

  #hasManager(nodeId: string, holder: string | undefined): boolean {
    const { store, sessions, managerId } = this.#options;
    if (holder === managerId) return sessions.has(nodeId);
    return store.view.get('nodes', holder ?? '')?.manager?.reachability === 'reachable';
  }
}
