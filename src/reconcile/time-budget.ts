/** Limits the time that some work may take: a burst is free, in the long run it gets a share. Pure except for its state. */
export class TimeBudget {
  readonly #share: number;
  readonly #burst: number;
  #left: number;
  #at = 0;

  /** `burst` in milliseconds of work. */
  constructor({ share, burst }: { readonly share: number; readonly burst: number }) {
    this.#share = share;
    this.#burst = burst;
    this.#left = burst;
  }

  /** Milliseconds until more work may begin. */
  wait(now: number): number {
    this.#refill(now);
    return Math.max(0, Math.ceil(-this.#left / this.#share));
  }

  spent(milliseconds: number, now: number): void {
    this.#refill(now);
    this.#left -= milliseconds;
  }

  #refill(now: number): void {
    this.#left = Math.min(this.#burst, this.#left + (now - this.#at) * this.#share);
    this.#at = now;
  }
}
