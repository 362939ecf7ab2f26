/** Unhandled errors: logged with their stack, counted, and shown by `docker info`. */
import type { EventEmitter } from 'node:events';
import type { Logger } from './logger.ts';

export interface Overlooked {
  readonly count: number;
  /** Message of the last one, or ''. */
  readonly last: string;
}

/** Installs handlers for unhandled errors, so that the process goes on (docs/decisions/021). */
export function watchOverlooked(
  process: Pick<EventEmitter, 'on'>,
  logger: Pick<Logger, 'error'>,
): Overlooked {
  const seen = { count: 0, last: '' };
  const note = (error: unknown): void => {
    seen.count++;
    seen.last = error instanceof Error ? error.message : String(error);
    const stack = error instanceof Error ? error.stack : undefined;
    logger.error('an error that nobody handled', { error: stack ?? seen.last, count: seen.count });
  };
  process.on('uncaughtException', note);
  process.on('unhandledRejection', note);
  return seen;
}
