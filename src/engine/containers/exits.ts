/** Who waits for a container to end (`docker wait`, `stop`, `run --rm`). */
import type { ExitResult } from '../verbs.ts';

export interface Exits {
  /** The next time that the container ends, all of its networking taken down. */
  nextExit(containerId: string): Promise<ExitResult>;
  /** When the container is removed. */
  removal(containerId: string): Promise<ExitResult>;
  tellExit(containerId: string, result: ExitResult): void;
  tellRemoval(containerId: string, result: ExitResult): void;
}

type Waiter = (result: ExitResult) => void;

/** Promises by container, made when somebody waits and dropped when they are kept. */
class Waiting {
  readonly #waiters = new Map<string, Waiter[]>();

  wait(id: string): Promise<ExitResult> {
    return new Promise((resolve) => {
      const waiters = this.#waiters.get(id);
      if (waiters) waiters.push(resolve);
      else this.#waiters.set(id, [resolve]);
    });
  }

  tell(id: string, result: ExitResult): void {
    const waiters = this.#waiters.get(id) ?? [];
    this.#waiters.delete(id);
    for (const waiter of waiters) waiter(result);
  }
}

export function createExits(): Exits {
  const exits = new Waiting();
  const removals = new Waiting();
  return {
    nextExit: (id) => exits.wait(id),
    removal: (id) => removals.wait(id),
    tellExit: (id, result) => exits.tell(id, result),
    tellRemoval: (id, result) => {
      // one that is gone will not end again: nobody waits for ever
      exits.tell(id, result);
      removals.tell(id, result);
    },
  };
}
