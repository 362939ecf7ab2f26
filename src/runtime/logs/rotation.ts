/**
 * Keeps a log within `max-size` and `max-file`. With one file conmon truncates it when it is full. With more, the
 * engine watches: it renames the full file, to which conmon still writes, and makes conmon open the log again, so that
 * no line is lost between the files.
 */
import { readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { LogConfig } from './config.ts';
import { inodeOf } from './files.ts';
import { watchFolder } from './watch-folder.ts';

/**
 * Least and most milliseconds between two checks of a growing file's size. A container that floods its log fills a
 * megabyte in a few milliseconds.
 */
const pace = { least: 20, most: 200 };

/** Milliseconds until the file is full if it grows as since the last check. */
export function nextLook(
  left: number,
  grown: { readonly bytes: number; readonly milliseconds: number },
): number {
  const wait = grown.bytes <= 0 ? pace.most : (left * grown.milliseconds) / grown.bytes;
  return Math.max(pace.least, Math.min(pace.most, wait));
}

/**
 * Least limit in bytes that conmon itself applies, so that a log does not fill the disk while no engine watches. It
 * must not interfere while one does.
 */
const unwatchedLimit = 64 * 2 ** 20;

export interface RotationLimits extends Pick<LogConfig, 'maxSize' | 'maxFile'> {
  /** Bytes up to which a full file is kept while its predecessor exists; without it the predecessor is dropped. */
  readonly waits?: number;
}

/** Bytes of a file of conmon's log that is copied to a JSON log. */
const spoolSize = 2 ** 20;

/**
 * Limits of conmon's log for the driver json-file, where files are dropped once they are copied. A container that
 * writes faster than that loses what the limits of its JSON log would not keep; without limits nothing is lost.
 */
export const spoolLimits = ({ maxSize, maxFile }: LogConfig): RotationLimits => ({
  maxSize: spoolSize,
  maxFile: 2,
  waits: maxSize === 0 ? Number.POSITIVE_INFINITY : Math.max(spoolSize, maxSize * maxFile),
});

/** Bytes after which conmon truncates the log; 0 for never. */
export function conmonLimit(config: LogConfig): number {
  if (!config.kept || config.maxSize === 0) return 0;
  return config.maxFile === 1 && !config.json
    ? config.maxSize
    : Math.max(config.maxSize * config.maxFile, unwatchedLimit);
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

/** Watches one log. `reopen` makes its conmon open the log again. */
export function watchRotation(log: string, config: RotationLimits, reopen: () => void): Rotation {
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let wait = pace.most;
  let last = { size: 0, at: performance.now() };
  const look = async (): Promise<void> => {
    const size = await stat(log).then(
      (s) => s.size,
      () => 0,
    );
    const now = performance.now();
    const grown = { bytes: size - last.size, milliseconds: now - last.at };
    const full = size >= config.maxSize;
    wait = nextLook(full ? config.maxSize : config.maxSize - size, grown);
    last = { size: full ? 0 : size, at: now };
    if (closed || !full) return;
    if (config.waits !== undefined && size < config.waits && (await inodeOf(`${log}.1`)) !== undefined)
      return;
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
    }, wait);
  };
  const watcher = watchFolder(dirname(log), noticed);
  return {
    close: () => {
      closed = true;
      clearTimeout(timer);
      watcher.close();
    },
  };
}

/** Removes a log with its rotations and the files beside it, and its folder if it is empty. */
export async function removeLog(log: string): Promise<void> {
  const [folder, name] = [dirname(log), basename(log)];
  const entries = await readdir(folder).catch(() => []);
  for (const entry of entries)
    if (entry === name || entry.startsWith(`${name}.`)) await rm(join(folder, entry), { force: true });
  await rmdir(dirname(log)).catch(() => undefined);
}
