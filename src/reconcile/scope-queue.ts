interface Waiting<T, N> {
  readonly ended: Promise<T>;
  /** Needs of all requests so far. */
  readonly needs: Set<N>;
}

/**
 * One run at a time per scope; different scopes run concurrently. Requests that come during a run share one further
 * run, which sees everything written before it began.
 */
export class ScopeQueue<T = void, N = never> {
  readonly #running = new Map<string, Promise<T>>();
  readonly #waiting = new Map<string, Waiting<T, N>>();

  /**
   * Resolves with the result of a run that began after the call. The run gets the union of all requests' needs.
   */
  request(scope: string, run: (needs: ReadonlySet<N>) => Promise<T>, needs: readonly N[] = []): Promise<T> {
    const waiting = this.#waiting.get(scope);
    if (waiting) {
      for (const need of needs) waiting.needs.add(need);
      return waiting.ended;
    }
    const running = this.#running.get(scope);
    if (!running) return this.#start(scope, () => run(new Set(needs)));
    const all = new Set(needs);
    const ended = running
      .catch(() => undefined)
      .then(() => {
        this.#waiting.delete(scope);
        return this.#start(scope, () => run(all));
      });
    this.#waiting.set(scope, { ended, needs: all });
    return ended;
  }

  /** Whether the scope has a running run. */
  busy(scope: string): boolean {
    return this.#running.has(scope);
  }

  /** Resolves when nothing runs and nothing waits. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running.values());
  }

  #start(scope: string, run: () => Promise<T>): Promise<T> {
    const ended = run().finally(() => this.#running.delete(scope));
    this.#running.set(scope, ended);
    return ended;
  }
}
