/**
 * Limits how often the engine restores what another program removes: if it is removed again and again, the pause
 * before the next restoration grows. A reload of the host's firewall removes rules several times within seconds;
 * such a burst counts once. Pure except for its state.
 */

const minute = 60_000;
/** Milliseconds without a removal that end a burst. */
const quiet = 2_000;
/** Bursts within a minute, or restorations in one long burst, that are a fight. */
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

  /** Milliseconds until the scope may be restored. */
  wait(scope: string, now: number): number {
    const { last = 0, pause = 0 } = this.#bouts.get(scope) ?? {};
    return Math.max(0, last + pause - now);
  }

  /** Records a restoration. True where pauses begin with this one. */
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

  /** Drops scopes that were quiet for a minute beyond their pause. */
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
