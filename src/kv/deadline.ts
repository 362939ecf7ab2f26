/** Time limits: a call ends at its deadline, with the caller's signal, or when the client is closed. */
import { fail, SeawayError } from '../errors.ts';
import type { CallOptions } from './kv.ts';
import { kvLimits } from './limits.ts';

export type Attempt = {
  /** Aborted when the call is over, for whatever reason. */
  readonly signal: AbortSignal;
  /** Whole milliseconds that are left. */
  left(): number;
};

export type Limits = CallOptions & { readonly store: string; readonly closing: AbortSignal };

/** Runs `work` within the limits and throws `KV_TIMEOUT` at the deadline. */
export async function within<T>(
  doing: string,
  { store, closing, signal, deadline = kvLimits.deadline }: Limits,
  work: (attempt: Attempt) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  if (closing.aborted) throw fail('KV_CLOSED', store);
  const over = new AbortController();
  const end = performance.now() + deadline;
  const late = fail('KV_TIMEOUT', store, doing, deadline / 1000);
  const timer = setTimeout(() => over.abort(late), deadline);
  const closed = (): void => over.abort(fail('KV_CLOSED', store));
  const ended = (): void => over.abort(signal?.reason);
  closing.addEventListener('abort', closed);
  signal?.addEventListener('abort', ended);
  const aborted = Promise.withResolvers<never>();
  over.signal.addEventListener('abort', () => aborted.reject(over.signal.reason));
  aborted.promise.catch(() => undefined);
  try {
    return await Promise.race([
      work({ signal: over.signal, left: () => Math.max(1, Math.ceil(end - performance.now())) }),
      aborted.promise,
    ]);
  } catch (thrown) {
    if (over.signal.aborted) throw over.signal.reason;
    throw thrown instanceof SeawayError ? thrown : fail('KV_BROKEN', store, doing, String(thrown));
  } finally {
    clearTimeout(timer);
    closing.removeEventListener('abort', closed);
    signal?.removeEventListener('abort', ended);
    over.abort();
  }
}

/**
 * Runs `work` with a signal that aborts with another signal or after a time. Unlike AbortSignal.any it leaves nothing behind on
 * the other signal, which may live for weeks.
 */
export async function limited<T>(
  { signal, after }: { readonly signal: AbortSignal; readonly after: number },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const ended = (): void => over.abort(signal.reason);
  const late = (): void => over.abort(Object.assign(new Error('i/o timeout'), { code: 'ETIMEDOUT' }));
  const timer = setTimeout(late, after);
  signal.addEventListener('abort', ended);
  if (signal.aborted) ended();
  try {
    return await work(over.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', ended);
  }
}

/** Resolves after the time or when the signal aborts. The timer does not keep the process alive. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  timer.unref();
  const ended = (): void => resolve();
  signal.addEventListener('abort', ended);
  await promise;
  clearTimeout(timer);
  signal.removeEventListener('abort', ended);
}
