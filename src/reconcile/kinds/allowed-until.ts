/** Until when the sets of names have which addresses. A transaction takes 14 ms, and a container may ask for names all the time. Pure. */

/** For how many seconds an address is one of a name's. */
export interface AllowedAddress {
  readonly address: string;
  readonly seconds: number;
}

export interface SetElement extends AllowedAddress {
  /** Name of the set. */
  readonly set: string;
}

/** Milliseconds that an address stays longer than asked, so that the next answers need no transaction. */
const spare = ({ seconds }: AllowedAddress): number => Math.min(seconds * 100, 5_000);

/** Milliseconds for which an address is put into its set. */
export const timeoutOf = (one: AllowedAddress): number => one.seconds * 1000 + spare(one);

/** Entries from which on those that have ended are forgotten. */
const many = 4096;

const keyOf = ({ set, address }: SetElement): string => `${set} ${address}`;

/** Of one namespace; `now` in milliseconds. */
export class AllowedUntil {
  readonly #until = new Map<string, number>();

  /** Those that are not in their set, or would leave it too early. */
  due(allowed: readonly SetElement[], now: number): readonly SetElement[] {
    return allowed.filter((one) => (this.#until.get(keyOf(one)) ?? 0) < now + one.seconds * 1000);
  }

  note(allowed: readonly SetElement[], now: number): void {
    if (this.#until.size >= many)
      for (const [key, until] of this.#until) if (until <= now) this.#until.delete(key);
    for (const one of allowed) this.#until.set(keyOf(one), now + timeoutOf(one));
  }
}
