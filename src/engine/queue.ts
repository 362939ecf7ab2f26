/** One thing at a time per key; different keys side by side. Keys cost nothing while they are idle. */
export class KeyedQueue {
  readonly #tails = new Map<string, Promise<void>>();

  /** Run after all that was asked before for this key, whether it succeeded or not. */
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

  /** Resolves when nothing runs and nothing waits, or after so many milliseconds. */
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
