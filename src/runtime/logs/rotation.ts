/**
 * Keeping a log within `max-size` and `max-file`. With one file conmon itself begins anew when it is
 * full. With more, the engine watches: it renames the full file (conmon writes on to it, through its
 * descriptor) and tells conmon to open the log again, so that no line is lost between the files.
 */
import { type FSWatcher, watch } from 'node:fs';
import { rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { LogConfig } from './config.ts';
import { inodeOf, logFiles } from './files.ts';

/** Milliseconds between two looks at the size of a file that is being written. */
const pace = 200;

/**
 * While no engine watches, a log grows; conmon's own limit keeps it from filling the disk. Not below
 * this many bytes, so that it does not come in the way while the engine does watch.
 */
const unwatchedLimit = 64 * 2 ** 20;

/** Bytes after which conmon begins the log anew by itself; 0 for never. */
export function conmonLimit(config: LogConfig): number {
  if (!config.kept || config.maxSize === 0) return 0;
  return config.maxFile === 1 ? config.maxSize : Math.max(config.maxSize * config.maxFile, unwatchedLimit);
}

export interface Rotation {
  close(): void;
}

async function shift(log: string, maxFile: number): Promise<void> {
  for (let age = maxFile - 1; age >= 1; age -= 1) {
    const from = age === 1 ? log : `${log}.${age - 1}`;
    if ((await inodeOf(from)) !== undefined) await rename(from, `${log}.${age}`);
  }
}

/** Watch one log. `reopen` tells its conmon to open the log again. */
export function watchRotation(log: string, config: LogConfig, reopen: () => void): Rotation {
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  const look = async (): Promise<void> => {
    const size = await stat(log).then(
      (s) => s.size,
      () => 0,
    );
    if (closed || size < config.maxSize) return;
    await shift(log, config.maxFile);
    reopen();
  };
  const noticed = (): void => {
    if (timer || closed) return;
    timer = setTimeout(() => {
      void look()
        .catch(() => undefined)
        .finally(() => {
          timer = undefined;
        });
    }, pace);
  };
  const watcher: FSWatcher = watch(dirname(log), noticed);
  watcher.on('error', () => undefined);
  return {
    close: () => {
      closed = true;
      clearTimeout(timer);
      watcher.close();
    },
  };
}

/** Remove a log with all its rotations, and its folder if nothing else is in it. */
export async function removeLog(log: string): Promise<void> {
  for (const file of [...(await logFiles(log)), `${log}.tmp`]) await rm(file, { force: true });
  await rmdir(dirname(log)).catch(() => undefined);
}
