/** Tasks in order, each begun in another turn of the event loop, before the earlier ones have ended. */
import { setImmediate } from 'node:timers/promises';

/** Parts that are on their way to the disk: the next one is prepared meanwhile. */
const underWay = 3;

/** A task that fails ends it: no further one is begun. The next of `all` is asked for once the one before it has begun. */
export async function pipeline<T>(all: Iterable<T>, task: (one: T) => Promise<unknown>): Promise<void> {
  const running: Promise<unknown>[] = [];
  let isLater = false;
  try {
    for (const one of all) {
      if (isLater) await setImmediate();
      isLater = true;
      if (running.length >= underWay) await running.shift();
      const begun = task(one);
      // its failure is met when it is waited for
      begun.catch(() => undefined);
      running.push(begun);
    }
    for (const begun of running) await begun;
  } finally {
    await Promise.allSettled(running);
  }
}
