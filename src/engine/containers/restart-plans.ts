/** Planned restarts of containers. */
import type { Container } from '../../model/container.ts';
import type { Logger } from '../../observe/logger.ts';
import type { Retries } from '../../reconcile/retries.ts';

/** Docker's delays in milliseconds: 100, doubled each time up to a minute, reset after a run of 10 s. */
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

/** Key of a container's start at boot among the retries. */
export const bootKey = (id: string): string => `start:${id}`;

export class RestartPlans {
  readonly #needs: Needs;
  /** By container id. */
  readonly #plans = new Map<string, Plan>();
  /** Number of requests that hold a container. */
  readonly #held = new Map<string, number>();

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  /** Plans the next start of an ended container, which is `restarting` until then. */
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

  /** Whether a restart is planned. */
  isPlanned(id: string): boolean {
    return this.#plans.get(id)?.timer !== undefined;
  }

  /** Drops the plan and the last delay. */
  drop(id: string): void {
    clearTimeout(this.#plans.get(id)?.timer);
    this.#plans.delete(id);
  }

  /** Called when the user starts, stops or removes it: drops its plan and its start at boot. */
  forget(id: string): void {
    this.drop(id);
    this.#needs.retries.drop(bootKey(id));
  }

  /** Runs `docker restart`, during which a container with `--rm` is not removed when it ends. */
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

  /** Drops all plans when the engine ends. */
  close(): void {
    for (const { timer } of this.#plans.values()) clearTimeout(timer);
    this.#plans.clear();
  }
}
