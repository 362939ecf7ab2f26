/** Waits with a limit and a signal. */
import { fail } from '../errors.ts';

/** Time limits of the OCI runtime in milliseconds: a hook or a file of the container may block it for ever. */
export interface Limits {
  /** To create or start a container or an exec. */
  readonly start: number;
  /** For anything else. */
  readonly verb: number;
}

export const usualLimits: Limits = { start: 60_000, verb: 15_000 };

export interface Bounds {
  /** What does not answer; goes into the error. */
  readonly what: string;
  readonly limit: number;
  readonly signal?: AbortSignal;
}

/** Throws START_FAILED at the limit, or the reason of the signal. The work itself is not ended. */
export async function bounded<T>(work: Promise<T>, { what, limit, signal }: Bounds): Promise<T> {
  const over = Promise.withResolvers<never>();
  const late = (): void =>
    over.reject(fail('START_FAILED', `${what} has not answered for ${limit / 1000} s`));
  const ended = (): void => over.reject(signal?.reason);
  const timer = setTimeout(late, limit);
  if (signal?.aborted) ended();
  signal?.addEventListener('abort', ended, { once: true });
  try {
    return await Promise.race([work, over.promise]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', ended);
    work.catch(() => undefined);
  }
}
