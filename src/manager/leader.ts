/** What the leader among the managers does: it decides after each change of the records, and when its time has come. */
import { hasCode, messageOf } from '../errors.ts';
import type { Logger } from '../observe/logger.ts';
import type { Orchestrator } from '../swarm/orchestrate.ts';
import type { SwarmChange } from '../swarm/records.ts';
import { generate } from './generate.ts';
import type { Sessions } from './sessions.ts';
import type { ManagerStore } from './store.ts';

export interface LeaderOptions {
  readonly store: ManagerStore;
  readonly orchestrator: Orchestrator;
  readonly sessions: Sessions;
  readonly managerId: string;
  readonly logger: Logger;
  readonly now: () => number;
}

/** Changes of one transaction. What is left is decided again. */
const atOnce = 1_000;
/** Milliseconds after a failure. */
const [retrying, longest] = [1_000, 2 ** 31 - 1];

export class Leader {
  readonly #options: LeaderOptions;
  readonly #stops: (() => void)[] = [];
  #isLeading = false;
  #running: Promise<void> | undefined;
  #isDue = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LeaderOptions) {
    this.#options = options;
    const { store, orchestrator, sessions } = options;
    this.#stops.push(
      store.onChange((changes, before) => {
        orchestrator.changed(changes, before);
        this.wake();
      }),
    );
    sessions.onAcknowledged(() => this.wake());
  }

  get isLeading(): boolean {
    return this.#isLeading && this.#options.store.leader === this.#options.managerId;
  }

  /** This manager leads from now on. */
  async lead(): Promise<void> {
    const { store, managerId, logger } = this.#options;
    await store.lead(managerId);
    this.#isLeading = true;
    logger.info('this manager leads the swarm');
    this.wake();
  }

  resign(): void {
    this.#isLeading = false;
    clearTimeout(this.#timer);
  }

  wake(): void {
    if (!this.isLeading) return;
    this.#isDue = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      if (this.#isDue) this.wake();
    });
  }

  async close(): Promise<void> {
    this.resign();
    for (const stop of this.#stops) stop();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#isDue && this.isLeading) {
      this.#isDue = false;
      clearTimeout(this.#timer);
      try {
        const wakeAt = await this.#step();
        if (wakeAt !== undefined) this.#sleep(wakeAt - this.#options.now());
      } catch (error) {
        if (!this.isLeading) return;
        if (!hasCode(error, 'SWARM_NO_LEADER', 'SWARM_UNAVAILABLE', 'SWARM_DEADLINE'))
          this.#options.logger.error('the leader of the swarm could not decide', { error: messageOf(error) });
        this.#sleep(retrying);
        return;
      }
    }
  }

  /** Decides on the newest state and commits it, unless another manager leads by then. */
  async #step(): Promise<number | undefined> {
    const { store, orchestrator, sessions, now } = this.#options;
    const acknowledged = (nodeId: string): number => sessions.acknowledged(nodeId);
    const lead = (): void => {
      if (!this.isLeading) throw new Error('another manager leads');
    };
    return store.transact(() => {
      const { changes, wakeAt } = orchestrator.decide({ now: now(), generate, acknowledged });
      const all: readonly SwarmChange[] = changes;
      return { changes: all.slice(0, atOnce), result: wakeAt };
    }, lead);
  }

  #sleep(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.wake(), Math.min(longest, Math.max(1, milliseconds))).unref();
  }
}
