/** A server of Consul is asked to answer when something changes, and whether it is still there meanwhile. */
import { limited, pause } from '../deadline.ts';

/** Milliseconds between two signs of life, for one of them, and the most between two reads of a list that changes. */
const [beat, patience, longest] = [6_000, 3_000, 500];
/** A list that takes less is read as often as it changes. */
const short = 5;

type Waiting = {
  readonly signal: AbortSignal;
  /** Throws where the server is gone, or has no leader. */
  alive(signal: AbortSignal): Promise<void>;
  /** Resolves when something has changed, or after the server's time, with the milliseconds that the list took. */
  changed(signal: AbortSignal): Promise<number>;
};

/**
 * Until the server is lost, which throws, or the signal. A list is sent whole at each change, so a long one is read at most
 * half of the time.
 */
export async function blockOn({ signal, alive, changed }: Waiting): Promise<void> {
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
  try {
    while (!over.signal.aborted) {
      const took = await changed(over.signal);
      if (took >= short) await pause(Math.min(longest, took), over.signal);
    }
  } catch (thrown) {
    throw lost ?? thrown;
  } finally {
    over.abort();
    signal.removeEventListener('abort', ended);
  }
  if (lost) throw lost;
}
