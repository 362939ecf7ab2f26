/** Watches the end of a process that is no child of the engine, by a pidfd (pidfd_open(2)). */
import { closeSync } from 'node:fs';
import { pollDescriptor } from '../kernel/ffi/poll-descriptor.ts';
import { isAlive, type ProcessIdentity } from '../programs/identity.ts';
import { openPidfd } from './libc.ts';

/** Calls `ended` once, never before it returns. The returned function ends the watch. */
export function watchEnd(process: ProcessIdentity | undefined, ended: () => void): () => void {
  const fd = process && openPidfd(process.pid);
  // the pid may have been used again between its reading and the opening
  if (fd === undefined || !isAlive(process)) {
    if (fd !== undefined) closeSync(fd);
    const soon = setImmediate(ended);
    return () => clearImmediate(soon);
  }
  let open = true;
  const close = (): void => {
    if (!open) return;
    open = false;
    poll.close();
    closeSync(fd);
  };
  const poll = pollDescriptor(fd, () => {
    close();
    ended();
  });
  poll.unref();
  poll.once({ readable: true, writable: false });
  return close;
}
