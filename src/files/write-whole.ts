/** Atomic writes: a file is written under a temporary name, then renamed. */
import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';

export interface WriteOptions {
  readonly mode?: number;
  /** Whether it must survive a loss of power; not needed below /run. */
  readonly flush?: boolean;
}

/** Replaces the inode, so not for files that containers have mounted. */
export async function writeWhole(
  path: string,
  content: string | Uint8Array | Iterable<string> | AsyncIterable<string>,
  { mode = 0o600, flush = true }: WriteOptions = {},
): Promise<void> {
  const draft = draftOf(path);
  try {
    const file = await open(draft, 'wx', mode);
    try {
      await file.writeFile(content);
      if (flush) await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (thrown) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw thrown;
  }
}

/** The same, for small files at start-up. */
export function writeWholeSync(
  path: string,
  content: string,
  { mode = 0o600, flush = true }: WriteOptions = {},
): void {
  const draft = draftOf(path);
  try {
    const file = openSync(draft, 'wx', mode);
    try {
      writeFileSync(file, content);
      if (flush) fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(draft, path);
  } catch (thrown) {
    rmSync(draft, { force: true });
    throw thrown;
  }
}

const draftOf = (path: string): string => `${path}.new-${randomUUID().slice(0, 8)}`;
