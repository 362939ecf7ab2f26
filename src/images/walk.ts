/** All that is in a folder. */
import type { Dirent, Stats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

interface Found {
  /** Relative to the upper folder. */
  readonly path: string;
  readonly stats: Stats;
}

/** All below a folder, a folder before what is in it, in order of names. */
export async function* walk(folder: string, below = ''): AsyncGenerator<Found, void> {
  const entries: Dirent[] = await readdir(join(folder, below), { withFileTypes: true });
  for (const { name } of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = below ? `${below}/${name}` : name;
    const stats = await lstat(join(folder, path)).catch(() => undefined); // a running container may be faster
    if (!stats) continue;
    yield { path, stats };
    if (stats.isDirectory()) yield* walk(folder, path);
  }
}

/** Bytes of the files in a folder, and of what its symbolic links say; hard links count once. */
export async function bytesIn(folder: string): Promise<number> {
  const seen = new Set<number>();
  let bytes = 0;
  for await (const { stats } of walk(folder)) {
    if (!(stats.isFile() || stats.isSymbolicLink()) || seen.has(stats.ino)) continue;
    if (stats.nlink > 1) seen.add(stats.ino);
    bytes += stats.size;
  }
  return bytes;
}
