/** Blocking queries, and a liveness check beside them. */
import { limited, pause } from '../deadline.ts';

/** Milliseconds between liveness checks, for one check, and at most between two reads of a list. */
const [beat, patience, longest] = [2_000, 7_000, 500];
/** A list that takes fewer milliseconds is read at every change. */
const short = 5;

type Waiting = {
  readonly signal: AbortSignal;
  /** Throws if the server is gone or has no leader. */
  alive(signal: AbortSignal): Promise<void>;
  readonly lists: readonly Waited[];
};

/** Resolves when a query returns, with the milliseconds that reading its list took; with undefined to end all. */
export type Waited = (signal: AbortSignal) => Promise<number | undefined>;

/**
 * Runs until the signal aborts or a list ends it; throws when the server is lost. Consul sends the full list at every change, so
 * reading a long one is limited to half of the time.
 */
export async function blockOn({ signal, alive, lists }: Waiting): Promise<void> {
  signal.throwIfAborted();
  const over = new AbortController();
  const ended = (): void => over.abort();
  signal.addEventListener('abort', ended);
  const watchOver = async (): Promise<void> => {
    for (;;) {
      await pause(beat, over.signal);
      if (over.signal.aborted) return;
      await limited({ signal: over.signal, after: patience }, alive);
    }
  };
  let lost: unknown;
  void watchOver().catch((why: unknown) => {
    lost = why;
    over.abort();
  });
  let isEnded = false;
  const block = async (changed: Waited): Promise<void> => {
    while (!over.signal.aborted) {
      const took = await changed(over.signal);
      if (took === undefined) {
        isEnded = true;
        over.abort();
      } else if (took >= short) await pause(Math.min(longest, took), over.signal);
    }
  };
  try {
    await Promise.all(lists.map(block));
  } catch (thrown) {
    // the others were aborted
    if (!isEnded) throw lost ?? thrown;
  } finally {
    over.abort();
    signal.removeEventListener('abort', ended);
  }
  if (lost) throw lost;
}
