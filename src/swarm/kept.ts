/** Values that are made when they are asked for, and stay the same object while they say the same. */
import { isDeepStrictEqual } from 'node:util';

export class Kept<T extends object> {
  readonly #values = new Map<string, T>();
  readonly #stale = new Set<string>();

  /** `make` may take over parts of the value before. */
  get(key: string, make: (before: T | undefined) => T): T {
    const known = this.#values.get(key);
    if (known && !this.#stale.delete(key)) return known;
    const made = make(known);
    if (known && isDeepStrictEqual(known, made)) return known;
    this.#values.set(key, made);
    return made;
  }

  /** It may be another one now. */
  forget(key: string): void {
    if (this.#values.has(key)) this.#stale.add(key);
  }

  forgetAll(): void {
    for (const key of this.#values.keys()) this.#stale.add(key);
  }

  drop(key: string): void {
    this.#values.delete(key);
    this.#stale.delete(key);
  }
}
