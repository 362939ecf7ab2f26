/** Trying again what the system has refused: descriptors, memory, a lock that others hold. */
import { setTimeout as delay } from 'node:timers/promises';
import { hasCode, SeawayError } from '../errors.ts';

/** Milliseconds before the next try. */
const usualPauses = [20, 100, 500];

/** Errors of the table that may be gone at the next try; the others say what is wrong, and stay so. */
const isLasting = (thrown: unknown): boolean =>
  thrown instanceof SeawayError &&
  !hasCode(thrown, 'KERNEL', 'KERNEL_LACKS', 'PROGRAM_FAILED', 'PROGRAM_SLOW', 'STORE_NOT_WRITTEN');

export interface Patience {
  /** Milliseconds before the second try, the third, and so on. */
  readonly pauses?: readonly number[];
  /** Called where it will be tried again. */
  readonly told?: (error: unknown) => void;
}

/** Throws what the last try has thrown. What is tried leaves nothing behind where it fails. */
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
