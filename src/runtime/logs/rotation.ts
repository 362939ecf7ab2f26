/**
 * Keeping a log within `max-size` and `max-file`. With one file conmon itself starts over when it is
 * full. With more, the engine watches: it renames the full file (conmon writes on to it, through its
 * descriptor) and tells conmon to open the log again, so that no line is lost between the files.
 */
import { readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { LogConfig } from './config.ts';
import { inodeOf } from './files.ts';
import { watchFolder } from './watch-folder.ts';

/**
 * Milliseconds between two looks at the size of a file that is being written: by how fast it grows, within
 * these. A container that floods its log fills a megabyte in a few.
 */
const pace = { least: 20, most: 200 };

/** How long the file will take to be full, if it grows as it did since the last look. */
export function nextLook(
  left: number,
  grown: { readonly bytes: number; readonly milliseconds: number },
): number {
  const wait = grown.bytes <= 0 ? pace.most : (left * grown.milliseconds) / grown.bytes;
  return Math.max(pace.least, Math.min(pace.most, wait));
}

/**
 * While no engine watches, a log grows; conmon's own limit keeps it from filling the disk. Not below
 * this many bytes, so that it does not come in the way while the engine does watch.
 */
const unwatchedLimit = 64 * 2 ** 20;

export interface RotationLimits extends Pick<LogConfig, 'maxSize' | 'maxFile'> {
  /** Bytes up to which a full file is left as it is while the one before it is there; without it the older one goes. */
  readonly waits?: number;
}

/** Bytes of conmon's log after which what is copied to the JSON log can be dropped. */
const spoolSize = 2 ** 20;

/**
 * Of the log of conmon where the driver is json-file: it is dropped once it is copied. A container that writes faster
 * than that loses what the limits of its JSON log would not keep; without limits nothing is lost.
 */
export const spoolLimits = ({ maxSize, maxFile }: LogConfig): RotationLimits => ({
  maxSize: spoolSize,
  maxFile: 2,
  waits: maxSize === 0 ? Number.POSITIVE_INFINITY : Math.max(spoolSize, maxSize * maxFile),
});

/** Bytes after which conmon truncates the log by itself; 0 for never. */
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

/** Watch one log. `reopen` tells its conmon to open the log again. */
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

/** Remove a log with all its rotations and what is kept beside it, and its folder if nothing else is in it. */
export async function removeLog(log: string): Promise<void> {
  const [folder, name] = [dirname(log), basename(log)];
  const entries = await readdir(folder).catch(() => []);
  for (const entry of entries)
    if (entry === name || entry.startsWith(`${name}.`)) await rm(join(folder, entry), { force: true });
  await rmdir(dirname(log)).catch(() => undefined);
}
