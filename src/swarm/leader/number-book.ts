/** Numbers in use of a range, each counted; the next free one is looked for after the newest. */

export class NumberBook {
  readonly #range: { readonly first: number; readonly last: number };
  readonly #holders = new Map<number, number>();
  #last = 0;
  #lastAt = '';

  constructor(range: { readonly first: number; readonly last: number }) {
    this.#range = range;
  }

  /** 0 is none. `at`: RFC 3339, when it was given. */
  hold(number: number, at: string): void {
    if (number === 0) return;
    this.#holders.set(number, (this.#holders.get(number) ?? 0) + 1);
    if (at < this.#lastAt || !this.#inRange(number)) return;
    this.#last = number;
    this.#lastAt = at;
  }

  release(number: number): void {
    const left = (this.#holders.get(number) ?? 0) - 1;
    if (left > 0) this.#holders.set(number, left);
    else this.#holders.delete(number);
  }

  /** Undefined where none is left. */
  next(): number | undefined {
    const { first, last } = this.#range;
    const from = this.#inRange(this.#last) ? this.#last + 1 : first;
    for (let i = 0; i <= last - first; i++) {
      const number = first + ((from - first + i) % (last - first + 1));
      if (!this.#holders.has(number)) return number;
    }
    return undefined;
  }

  #inRange(number: number): boolean {
    return number >= this.#range.first && number <= this.#range.last;
  }
}
