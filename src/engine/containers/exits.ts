/** Waits for the end of containers (`docker wait`, `stop`, `run --rm`). */
import type { ExitResult } from '../container-verbs.ts';

export interface Exits {
  /** The container's next end, when its networking is removed. Rejected by `signal`. */
  nextExit(containerId: string, signal?: AbortSignal): Promise<ExitResult>;
  /** The container's removal. Rejected by `signal`. */
  removal(containerId: string, signal?: AbortSignal): Promise<ExitResult>;
  notifyExit(containerId: string, result: ExitResult): void;
  notifyRemoval(containerId: string, result: ExitResult): void;
}

type Waiter = (result: ExitResult) => void;

/** Waiters by container, dropped when they are notified. */
class Waiting {
  readonly #waiters = new Map<string, Set<Waiter>>();

  wait(id: string, signal?: AbortSignal): Promise<ExitResult> {
    return new Promise((resolve, reject) => {
      const waiters = this.#waiters.get(id) ?? new Set();
      this.#waiters.set(id, waiters.add(resolve));
      const leave = (): void => {
        waiters.delete(resolve);
        if (waiters.size === 0 && this.#waiters.get(id) === waiters) this.#waiters.delete(id);
        reject(signal?.reason);
      };
      if (signal?.aborted) leave();
      else signal?.addEventListener('abort', leave, { once: true });
    });
  }

  notify(id: string, result: ExitResult): void {
    const waiters = this.#waiters.get(id) ?? new Set();
    this.#waiters.delete(id);
    for (const waiter of waiters) waiter(result);
  }
}

export function createExits(): Exits {
  const exits = new Waiting();
  const removals = new Waiting();
  return {
    nextExit: (id, signal) => exits.wait(id, signal),
    removal: (id, signal) => removals.wait(id, signal),
    notifyExit: (id, result) => exits.notify(id, result),
    notifyRemoval: (id, result) => {
      // a removed container does not end again
      exits.notify(id, result);
      removals.notify(id, result);
    },
  };
}
