/**
 * How often what somebody takes away is put back. Another program that is at it again and again is not fought as fast
 * as it goes: the pause before the next time grows. A reload of the host's firewall takes rules away several times
 * within seconds and is over then: such a burst counts once. Pure except for its memory.
 */

const minute = 60_000;
/** A burst ends where nothing is taken away for so long. */
const quiet = 2_000;
/** So many bursts within a minute, or so many times in one burst that goes on for so long, are a fight. */
const free = 10;
const longestBurst = 10_000;
const firstPause = 1_000;
const longestPause = minute;

interface Bout {
  /** When the bursts of the last minute began. */
  readonly bursts: readonly number[];
  /** How often in the burst that goes on. */
  readonly times: number;
  readonly last: number;
  readonly pause: number;
}

export class Fights {
  readonly #bouts = new Map<string, Bout>();

  /** Milliseconds until it may be put back. */
  wait(scope: string, now: number): number {
    const { last = 0, pause = 0 } = this.#bouts.get(scope) ?? {};
    return Math.max(0, last + pause - now);
  }

  /** It was put back. True: from now on with pauses. */
  putBack(scope: string, now: number): boolean {
    this.#forget(now);
    const before = this.#bouts.get(scope);
    const goesOn = before !== undefined && now - before.last < quiet;
    const bursts = goesOn ? before.bursts : [...(before?.bursts ?? []), now].slice(-free);
    const times = goesOn ? before.times + 1 : 1;
    const pause = nextPause({ bursts, times, pause: before?.pause ?? 0 }, now);
    this.#bouts.set(scope, { bursts, times, last: now, pause });
    return pause > 0 && !before?.pause;
  }

  /** Those that have been quiet for a minute beyond their pause. */
  #forget(now: number): void {
    for (const [scope, { last, pause }] of this.#bouts)
      if (now - last > pause + minute) this.#bouts.delete(scope);
  }
}

function nextPause({ bursts, times, pause }: Omit<Bout, 'last'>, now: number): number {
  if (pause > 0) return Math.min(pause * 2, longestPause);
  const isOften = bursts.filter((start) => now - start < minute).length >= free;
  const isLong = times >= free && now - (bursts.at(-1) ?? now) >= longestBurst;
  return isOften || isLong ? firstPause : 0;
}
