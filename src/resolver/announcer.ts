/**
 * Tells the engine which addresses are answered for names that policies name, before the asker gets the answer: its first
 * connection would be refused otherwise.
 */
import type { AnsweredName } from './answered.ts';

/** One line to the engine, which answers with its number. */
export type Announcement = AnsweredName & { readonly id: number };

/** Milliseconds that an answer waits for the engine. */
const patience = 500;
/** What is kept for an engine that is away; the oldest is given up. */
const mostKept = 1_000;

export class Announcer {
  #write: ((line: string) => void) | undefined;
  #next = 1;
  readonly #waiting = new Map<number, () => void>();
  /** By sandbox and name, without an engine that takes them. */
  readonly #kept = new Map<string, AnsweredName>();

  /** From now on an engine takes them; the returned function ends that. */
  attach(write: (line: string) => void): () => void {
    this.#write = write;
    for (const one of this.#kept.values()) this.#send(one);
    this.#kept.clear();
    return () => {
      if (this.#write === write) this.#write = undefined;
    };
  }

  told(id: number): void {
    this.#waiting.get(id)?.();
  }

  /** Resolves when the engine has it, or after a while. */
  announce(answered: AnsweredName): Promise<void> {
    if (!this.#write) {
      this.#keep(answered);
      return Promise.resolve();
    }
    const id = this.#send(answered);
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        resolve();
      };
      const timer = setTimeout(end, patience);
      this.#waiting.set(id, end);
    });
  }

  #send(answered: AnsweredName): number {
    const id = this.#next++;
    this.#write?.(JSON.stringify({ id, ...answered } satisfies Announcement));
    return id;
  }

  #keep(answered: AnsweredName): void {
    this.#kept.set(`${answered.sandbox} ${answered.name}`, answered);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > mostKept && oldest !== undefined) this.#kept.delete(oldest);
  }
}
