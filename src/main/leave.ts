/** The end of the process. */
import { exitAtOnce } from '../kernel/ffi/libc.ts';

/**
 * `process.exit` waits for the threads that look up files, of which one may hang on a dead mount until that answers.
 */
export function leave(status: number): void {
  const isLooking = process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq'));
  if (isLooking) exitAtOnce(status);
  process.exit(status);
}
