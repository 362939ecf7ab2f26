/** When a container that ended is started again, and what is planned for containers until then. */
import type { Container } from '../../model/container.ts';
import type { Logger } from '../../observe/logger.ts';
import type { Retries } from '../../reconcile/retries.ts';

/** Docker's: 100 ms, doubled each time up to a minute, from the start again after 10 s of running. */
const firstDelay = 100;
const longestDelay = 60_000;
const longEnough = 10_000;

interface Needs {
  readonly retries: Pick<Retries, 'drop'>;
  readonly logger: Pick<Logger, 'warn'>;
}

interface Plan {
  readonly delay: number;
  timer: NodeJS.Timeout | undefined;
}

/** Names the start at boot of a container among what is tried again. */
export const bootKey = (id: string): string => `start:${id}`;

export class RestartPlans {
  readonly #needs: Needs;
  /** By container id. */
  readonly #plans = new Map<string, Plan>();
  /** How many requests hold a container. */
  readonly #held = new Map<string, number>();

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  /** Plan the next start of one that has ended; it is `restarting` until then. */
  plan({ id, state }: Container, start: (id: string) => Promise<void>): void {
    const ranFor = Date.parse(state.finishedAt) - Date.parse(state.startedAt);
    const before = ranFor > longEnough ? 0 : (this.#plans.get(id)?.delay ?? 0);
    const delay = before === 0 ? firstDelay : Math.min(before * 2, longestDelay);
    const plan: Plan = { delay, timer: undefined };
    this.#plans.set(id, plan);
    plan.timer = setTimeout(() => {
      plan.timer = undefined;
      void start(id).catch((error) => this.#needs.logger.warn('a restart failed', { container: id, error }));
    }, delay);
  }

  /** Whether it waits to be started again. */
  isPlanned(id: string): boolean {
    return this.#plans.get(id)?.timer !== undefined;
  }

  /** Drop the plan, if there is one, and how long the last delay was. */
  drop(id: string): void {
    clearTimeout(this.#plans.get(id)?.timer);
    this.#plans.delete(id);
  }

  /** The user starts, stops or removes it: neither its policy nor a start at boot brings it back. */
  forget(id: string): void {
    this.drop(id);
    this.#needs.retries.drop(bootKey(id));
  }

  /** `docker restart` of a container with `--rm`: it is not removed when it ends in between. */
  async hold<T>(id: string, task: () => Promise<T>): Promise<T> {
    this.#held.set(id, (this.#held.get(id) ?? 0) + 1);
    try {
      return await task();
    } finally {
      const left = (this.#held.get(id) ?? 1) - 1;
      if (left > 0) this.#held.set(id, left);
      else this.#held.delete(id);
    }
  }

  isHeld(id: string): boolean {
    return this.#held.has(id);
  }

  /** Drop all plans, when the engine ends. */
  close(): void {
    for (const { timer } of this.#plans.values()) clearTimeout(timer);
    this.#plans.clear();
  }
}
