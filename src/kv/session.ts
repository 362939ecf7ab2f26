/** Renews a session until it ends. */
import type { Grant } from './backend.ts';
import { pause, within } from './deadline.ts';
import type { Session } from './kv.ts';

type Keeping = {
  readonly store: string;
  readonly closing: AbortSignal;
  readonly signal?: AbortSignal;
};

/** Milliseconds for ending a session in the store. */
const endLimit = 2_000;

/** Renews every third of the ttl, sooner after a failure. Returns when the store or this host's clock says it is over. */
async function renewing(grant: Grant, { store, closing }: Keeping, over: AbortSignal): Promise<void> {
  const { ttl, renew } = grant;
  if (renew === undefined) return;
  let held = performance.now();
  let wait = ttl / 3;
  while (!over.aborted) {
    await pause(Math.min(wait, Math.max(0, held + ttl - performance.now())), over);
    const began = performance.now();
    if (over.aborted || began - held >= ttl) return;
    const options = {
      store,
      closing,
      signal: over,
      deadline: Math.max(1, Math.min(held + ttl - began, ttl / 3)),
    };
    try {
      if (!(await within('renew a session', options, (attempt) => renew(attempt)))) return;
      held = began;
      wait = ttl / 3;
    } catch {
      // retry: the store may be back before the session expires
      wait = Math.min(1_000, ttl / 10);
    }
  }
}

export function keepSession(grant: Grant, keeping: Keeping): Session {
  const { store, signal } = keeping;
  const over = new AbortController();
  const { promise: lost, resolve } = Promise.withResolvers<void>();
  const finish = (): void => {
    over.abort();
    resolve();
  };
  let ended: Promise<void> | undefined;
  const end = async (): Promise<void> => {
    over.abort();
    const never = new AbortController().signal;
    await within('end a session', { store, closing: never, deadline: endLimit }, grant.end).catch(
      () => undefined,
    );
    resolve();
  };
  const close = (): Promise<void> => (ended ??= end());
  if (grant.renew) void renewing(grant, keeping, over.signal).then(close);
  void grant.lost?.then(finish);
  signal?.addEventListener('abort', () => void close(), { signal: over.signal });
  if (signal?.aborted) void close();
  return { id: grant.id, ttl: grant.ttl, lost, close };
}
