/**
 * Transactions that end as soon as readers see them. lmdb resolves one only when it is on the disk as well, which takes
 * milliseconds more. Its thread reports progress at both moments; the number of the last transaction tells which it is.
 */
import type { RootDatabase } from 'lmdb';

/** What lmdb calls to have a transaction written; its types leave it out. */
interface Env {
  startWriting(address: number, progress: (status: number) => unknown): void;
  info(): { readonly lastTxnId: number };
}

export class VisibleWrites {
  readonly #root: RootDatabase;
  readonly #env: Env | undefined;
  readonly #notFlushed: (error: unknown) => Promise<void>;
  /** Those that readers do not see yet, by the number of the transaction. */
  readonly #unseen = new Map<number, () => void>();
  readonly #flushing = new Set<Promise<void>>();

  /** `notFlushed` is told of an error after readers have seen the transaction; the next one flushes it, too. */
  constructor(root: RootDatabase, notFlushed: (error: unknown) => Promise<void>) {
    this.#root = root;
    this.#notFlushed = notFlushed;
    this.#env = (root as RootDatabase & { readonly env?: Env }).env;
    this.#listen();
  }

  /** One transaction, or none if the work throws. Rejects where the disk refuses it. */
  write(work: () => void): Promise<void> {
    const { promise: seen, resolve } = Promise.withResolvers<void>();
    let number = 0;
    // a child transaction, because lmdb does not roll back a plain one that throws
    const written = this.#root.childTransaction(() => {
      work();
      number = this.#root.getWriteTxnId();
      this.#unseen.set(number, resolve);
    });
    const flushed = written.then(
      () => void this.#unseen.delete(number),
      (error) => {
        // where nobody has seen it, the caller is told
        if (number === 0 || this.#unseen.delete(number)) throw error;
        return this.#notFlushed(error);
      },
    );
    const ended = flushed.catch(() => undefined).finally(() => this.#flushing.delete(ended));
    this.#flushing.add(ended);
    return Promise.race([seen, flushed]);
  }

  /** Resolves when all are on the disk. */
  async flushed(): Promise<void> {
    await Promise.all(this.#flushing);
  }

  #listen(): void {
    const env = this.#env;
    if (!env) return;
    const start = env.startWriting.bind(env);
    const value: Env['startWriting'] = (address, progress) =>
      start(address, (status) => {
        this.#look(env);
        return progress(status);
      });
    Object.defineProperty(env, 'startWriting', { value });
  }

  #look(env: Env): void {
    if (this.#unseen.size === 0) return;
    const { lastTxnId } = env.info();
    for (const [number, seen] of this.#unseen)
      if (number <= lastTxnId) {
        this.#unseen.delete(number);
        seen();
      }
  }
}
