/** An exclusive lock on a folder (flock(2)). It works across namespaces and ends with the process. */
import { closeSync, openSync } from 'node:fs';
import { errno, LOCK_EX, LOCK_NB } from './ffi/constants.ts';
import { kernelError } from './ffi/fault.ts';
import { flock, lastErrno } from './ffi/libc.ts';

/** Returns the unlock function; undefined where another process holds the lock. Writes nothing: a full disk is fine. */
export function lockFolder(path: string): (() => void) | undefined {
  const folder = openSync(path, 'r');
  if (flock(folder, LOCK_EX | LOCK_NB) === 0) return () => closeSync(folder);
  const code = lastErrno();
  closeSync(folder);
  if (code === errno.EAGAIN) return undefined;
  throw kernelError(`lock ${path}`, code);
}
