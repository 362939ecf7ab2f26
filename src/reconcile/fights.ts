/**
 * How often what somebody takes away is put back. Another program that is at it again and again is not fought as
 * fast as it goes: after some times within a minute the pause before the next one grows. Pure except for its memory.
 */

const minute = 60_000;
/** So many times within a minute nothing is delayed. */
const free = 10;
const firstPause = 1_000;
const longestPause = minute;

interface Bout {
  readonly times: readonly number[];
  readonly pause: number;
}

export class Fights {
  readonly #bouts = new Map<string, Bout>();

  /** Milliseconds until it may be put back. */
  wait(scope: string, now: number): number {
    const { times = [], pause = 0 } = this.#bouts.get(scope) ?? {};
    return Math.max(0, (times.at(-1) ?? 0) + pause - now);
  }

  /** It was put back. True: from now on with pauses. */
  putBack(scope: string, now: number): boolean {
    this.#forget(now);
    const before = this.#bouts.get(scope);
    const times = [...(before?.times ?? []).filter((time) => now - time < minute), now];
    const isFight = before?.pause || times.length >= free;
    const pause = isFight ? Math.min(before?.pause ? before.pause * 2 : firstPause, longestPause) : 0;
    this.#bouts.set(scope, { times: times.slice(-free), pause });
    return pause > 0 && !before?.pause;
  }

  /** Those that have been quiet for a minute beyond their pause. */
  #forget(now: number): void {
    for (const [scope, { times, pause }] of this.#bouts)
      if (now - (times.at(-1) ?? 0) > pause + minute) this.#bouts.delete(scope);
  }
}
