/** The end of the process. */
import { setTimeout as delay } from 'node:timers/promises';
import { exitAtOnce } from '../kernel/ffi/libc.ts';

/** Milliseconds for operations on files that are under way. */
const patience = 500;

const isAtFiles = (): boolean => process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq'));

/**
 * `process.exit` waits for the threads that look up files, of which one may hang on a dead mount until that answers.
 */
export async function leave(status: number): Promise<void> {
  if (isAtFiles()) await delay(patience);
  if (isAtFiles()) exitAtOnce(status);
  process.exit(status);
}
