/** Changes in the folder of a log. */
import { type FSWatcher, watch } from 'node:fs';
import { hasErrno } from '../../system-error.ts';

/** Milliseconds between two calls where the folder cannot be watched. */
const pace = 1000;

/**
 * Calls `changed` when something in the folder changes; every second where the kernel allows no more watches
 * (fs.inotify.max_user_watches). Throws where there is no such folder.
 */
export function watchFolder(
  folder: string,
  changed: () => void,
  open: (folder: string, changed: () => void) => FSWatcher = watch,
): { close(): void } {
  try {
    return open(folder, changed).on('error', changed);
  } catch (error) {
    if (!hasErrno(error, 'ENOSPC', 'EMFILE', 'ENFILE')) throw error;
    const timer = setInterval(changed, pace);
    return { close: () => clearInterval(timer) };
  }
}
