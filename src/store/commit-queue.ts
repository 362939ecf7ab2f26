/**
 * Writes commits one after the other; those that arrive meanwhile share the next transaction. A commit builds on the
 * earlier ones in memory, so where the disk refuses one, later ones fail too, the last first.
 */
import { hasCode } from '../errors.ts';

interface Waiting<T> {
  readonly job: T;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class CommitQueue<T> {
  /** Writes all jobs in one transaction, or none. */
  readonly #write: (jobs: readonly T[]) => Promise<void>;
  #waiting: Waiting<T>[] = [];
  #running: Promise<void> | undefined;

  constructor(write: (jobs: readonly T[]) => Promise<void>) {
    this.#write = write;
  }

  add(job: T): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ job, resolve, reject });
    this.#running ??= this.#run();
    return promise;
  }

  /** Resolves when nothing is being written. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    // requests of the same turn share the commit
    await Promise.resolve();
    while (this.#waiting.length > 0) await this.#writeGroup(this.#take());
    this.#running = undefined;
  }

  #take(): Waiting<T>[] {
    const group = this.#waiting;
    this.#waiting = [];
    return group;
  }

  async #writeGroup(group: readonly Waiting<T>[]): Promise<void> {
    try {
      await this.#write(group.map(({ job }) => job));
      for (const { resolve } of group) resolve();
    } catch (error) {
      if (hasCode(error, 'STORE_NOT_WRITTEN')) this.#refuse(group, error);
      else if (group.length > 1) for (const one of group) await this.#writeGroup([one]);
      else group[0]?.reject(error);
    }
  }

  #refuse(group: readonly Waiting<T>[], error: unknown): void {
    for (const { reject } of [...group, ...this.#take()].reverse()) reject(error);
  }
}
