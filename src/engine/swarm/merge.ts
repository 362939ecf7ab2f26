/** Several streams as one, each read only as fast as the reader is. */

/** Sources that are read side by side; more may join while it is read. */
export class Merge<T> implements AsyncIterable<T> {
  /** What was given; its source goes on when it is taken. */
  readonly #ready: { readonly value: T; readonly taken: () => void }[] = [];
  readonly #going = new Set<AsyncIterator<T>>();
  readonly #failures: unknown[] = [];
  #wake: (() => void) | undefined;
  #isOpen: boolean;
  #isLeft = false;

  /** An open one does not end when its sources have ended, but when it is closed. */
  constructor({ open }: { readonly open: boolean }) {
    this.#isOpen = open;
  }

  add(source: AsyncIterable<T>): void {
    const iterator = source[Symbol.asyncIterator]();
    this.#going.add(iterator);
    void this.#read(iterator)
      .catch((error) => this.#failures.push(error))
      .finally(() => {
        this.#going.delete(iterator);
        this.#wake?.();
      });
  }

  close(): void {
    this.#isOpen = false;
    this.#wake?.();
  }

  async #read(iterator: AsyncIterator<T>): Promise<void> {
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
      const { value } = next;
      await new Promise<void>((taken) => {
        this.#ready.push({ value, taken });
        this.#wake?.();
      });
      if (this.#isLeft) return;
    }
  }

  /** Throws the first failure of a source when all have ended. A reader that stops ends the sources. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    try {
      while (this.#ready.length > 0 || this.#going.size > 0 || this.#isOpen) {
        const next = this.#ready.shift();
        if (next) yield next.value;
        next?.taken();
        await this.#news();
      }
      if (this.#failures.length > 0) throw this.#failures[0];
    } finally {
      this.#isLeft = true;
      for (const iterator of this.#going) void iterator.return?.().catch(() => undefined);
      for (const { taken } of this.#ready.splice(0)) taken();
    }
  }

  async #news(): Promise<void> {
    if (this.#ready.length > 0 || (this.#going.size === 0 && !this.#isOpen)) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
  }
}
