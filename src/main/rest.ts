/**
 * Releases memory at rest. V8 collects garbage during work, not after it, and glibc keeps freed memory, so that a
 * daemon would keep its peak until it works again. Some time after the last request, or the last change of a swarm's
 * records, the pages of the program itself are dropped and, if much was allocated since the last time, V8 and glibc
 * release their unused memory.
 */
import { getHeapStatistics } from 'node:v8';
import { mallocTrim } from '../kernel/ffi/libc.ts';
import { createPageDropper } from '../kernel/ffi/program-pages.ts';

/** Idle milliseconds before memory is released; longer than the gap between a client's sequential requests. */
const quiet = 500;
/** Allocated bytes that justify a collection, which takes some 40 ms. */
const worthwhile = 32 * 1024 * 1024;

type Collect = (options: { readonly type: 'major'; readonly execution: 'sync' }) => void;

/** `gc` exists with Node's `--expose-gc`, which the launcher passes. */
const collector = (): Collect | undefined => (globalThis as { readonly gc?: Collect }).gc;

/** Does nothing if pages cannot be dropped, so that the program starts all the same. */
function dropperOrNothing(): () => void {
  try {
    return createPageDropper();
  } catch {
    return () => undefined;
  }
}

/** Returns the function to call at the start and end of each request. Does no work between them. */
export function restWhenQuiet(collect = collector()): () => void {
  let timer: NodeJS.Timeout | undefined;
  let collectedAt = 0;
  const dropPages = dropperOrNothing();
  const rest = (): void => {
    const { total_allocated_bytes: allocated } = getHeapStatistics() as { total_allocated_bytes?: number };
    if (allocated !== undefined && allocated - collectedAt >= worthwhile) {
      collectedAt = allocated;
      collect?.({ type: 'major', execution: 'sync' });
      mallocTrim();
    }
    dropPages();
  };
  return () => {
    if (timer) timer.refresh();
    else timer = setTimeout(rest, quiet).unref();
  };
}
