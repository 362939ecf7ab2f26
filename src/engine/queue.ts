/** Runs tasks one at a time per key. Idle keys take no memory. */
export class KeyedQueue {
  readonly #tails = new Map<string, Promise<void>>();

  /** Runs a task after all earlier ones of its key, whether they succeeded or not. */
  run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key) ?? Promise.resolve();
    const result = before.then(task);
    const tail = result.then(
      () => {},
      () => {},
    );
    this.#tails.set(key, tail);
    void tail.then(() => {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    });
    return result;
  }

  /** Resolves when no task runs or waits, or after `limit` milliseconds. */
  async idle(limit: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(resolve, limit, 'late');
    });
    while (this.#tails.size > 0)
      if ((await Promise.race([Promise.all(this.#tails.values()), late])) === 'late') break;
    clearTimeout(timer);
  }
}
