/** Retries what the system refused for lack of descriptors or memory, or because of a lock. */
import { setTimeout as delay } from 'node:timers/promises';
import { hasCode, SeawayError } from '../errors.ts';

/** Milliseconds before each further try. */
const usualPauses = [20, 100, 500];

/** Errors that a retry cannot cure: all of the table except these. */
const isLasting = (thrown: unknown): boolean =>
  thrown instanceof SeawayError &&
  !hasCode(thrown, 'KERNEL', 'KERNEL_LACKS', 'PROGRAM_FAILED', 'PROGRAM_SLOW', 'STORE_NOT_WRITTEN');

export interface Patience {
  /** Milliseconds before the second try, the third, and so on. */
  readonly pauses?: readonly number[];
  /** Called before each further try. */
  readonly told?: (error: unknown) => void;
}

/** Throws the error of the last try. A failed task must leave nothing behind. */
export async function patiently<T>(
  task: () => T | Promise<T>,
  { pauses = usualPauses, told }: Patience = {},
): Promise<T> {
  for (const pause of pauses) {
    try {
      return await task();
    } catch (thrown) {
      if (isLasting(thrown)) throw thrown;
      told?.(thrown);
      await delay(pause);
    }
  }
  return await task();
}
