/**
 * At rest. V8 collects garbage as work goes on, not when it ends, and glibc keeps what was freed: a daemon that
 * was busy for a minute would hold the most that it ever needed until it is busy again. So some time after the
 * last request the pages of the program itself are dropped, and if much was allocated since the last time, both are
 * told to give back what they do not use.
 */
import { getHeapStatistics } from 'node:v8';
import { mallocTrim } from '../kernel/ffi/libc.ts';
import { createPageDropper } from '../kernel/ffi/program-pages.ts';

/** Idle milliseconds before memory is given back; longer than the gap between a client's sequential requests. */
const quiet = 500;
/** Bytes of JavaScript's objects; collecting takes some 40 ms and must be worth it. */
const worthwhile = 32 * 1024 * 1024;

type Collect = (options: { readonly type: 'major'; readonly execution: 'sync' }) => void;

/** `gc` is there with Node's `--expose-gc`, which the launcher gives. */
const collector = (): Collect | undefined => (globalThis as { readonly gc?: Collect }).gc;

/** Memory that is not given back is no reason not to start. */
function dropperOrNothing(): () => void {
  try {
    return createPageDropper();
  } catch {
    return () => undefined;
  }
}

/** Returns the function to call with each request that comes or is answered. Nothing is looked at between them. */
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
