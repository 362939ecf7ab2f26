/** Waits for what the API has no events of: tasks of a service, certificates of nodes. */
import { setTimeout as sleep } from 'node:timers/promises';

const askEveryMs = 200;

/** Repeats `step` until it is true. Resolves to false where the user interrupts first. */
export async function waitUntil(step: () => Promise<boolean>): Promise<boolean> {
  const interrupted = new AbortController();
  const interrupt = (): void => interrupted.abort();
  process.once('SIGINT', interrupt);
  try {
    while (!(await step())) {
      const wake = sleep(askEveryMs, true, { signal: interrupted.signal });
      if (!(await wake.catch(() => false))) return false;
    }
    return true;
  } finally {
    process.off('SIGINT', interrupt);
  }
}
