/**
 * One run at a time per scope, different scopes side by side. What is asked for while a run is under way
 * is one further run for all who ask: a run sees everything that was written before it began.
 */
export class ScopeQueue<T = void> {
  readonly #running = new Map<string, Promise<T>>();
  readonly #waiting = new Map<string, Promise<T>>();

  /** Resolves, as the run does, when a run that began after the call has ended. */
  request(scope: string, run: () => Promise<T>): Promise<T> {
    const waiting = this.#waiting.get(scope);
    if (waiting) return waiting;
    const running = this.#running.get(scope);
    if (!running) return this.#start(scope, run);
    const next = running
      .catch(() => undefined)
      .then(() => {
        this.#waiting.delete(scope);
        return this.#start(scope, run);
      });
    this.#waiting.set(scope, next);
    return next;
  }

  /** Whether a run of the scope is under way. */
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
