/** A read-write lock: `share` for concurrent tasks, `alone` for an exclusive one. A waiting `alone` blocks later tasks. */
export class Gate {
  #inside = 0;
  #alone: Promise<void> = Promise.resolve();
  #left: (() => void) | undefined;

  async share<T>(task: () => Promise<T>): Promise<T> {
    for (let turn: Promise<void> | undefined; turn !== this.#alone; ) {
      turn = this.#alone;
      await turn;
    }
    this.#inside++;
    try {
      return await task();
    } finally {
      this.#inside--;
      if (this.#inside === 0) this.#left?.();
    }
  }

  /** One after the other, in the order of their calls. */
  async alone<T>(task: () => Promise<T>): Promise<T> {
    const before = this.#alone;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#alone = promise;
    try {
      await before;
      if (this.#inside > 0) await new Promise<void>((left) => (this.#left = left));
      return await task();
    } finally {
      this.#left = undefined;
      resolve();
    }
  }
}
