/** The end of the process. */
import { setTimeout as delay } from 'node:timers/promises';
import { exitAtOnce } from '../kernel/ffi/libc.ts';
import { callsUnderWay } from '../kernel/ffi/off-loop.ts';

/** Milliseconds for what is under way. */
const patience = 500;

const areThreadsBusy = (): boolean =>
  callsUnderWay() > 0 || process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq'));

/**
 * `process.exit` waits for threads that look up files and make system calls, of which one may hang until a server answers.
 */
export async function leave(status: number): Promise<void> {
  if (areThreadsBusy()) await delay(patience);
  if (areThreadsBusy()) exitAtOnce(status);
  process.exit(status);
}
