/** How the heap of a manager grows. */
import { setFlagsFromString } from 'node:v8';

/** Percent of what is in use after a collection, by which the heap grows before the next one. 0: as V8 thinks best, up to 300. */
const growth = '--heap-growing-percent=';

/**
 * Every task that changes leaves a record behind, and many nodes are told: V8 would let several times as much pile up as is in
 * use. Returns a function that undoes it.
 */
export function keepHeapSmall(): () => void {
  setFlagsFromString(`${growth}100`);
  return () => setFlagsFromString(`${growth}0`);
}
