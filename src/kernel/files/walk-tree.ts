/**
 * Lists a tree that a container may be changing. No symbolic link is followed, and paths may be longer than
 * PATH_MAX: a folder is opened relative to an anchor, a descriptor of a folder above it.
 */
import type { Stats } from 'node:fs';
import { constants } from 'node:fs';
import { type FileHandle, lstat, open, readdir } from 'node:fs/promises';
import { closeFd, openBelow } from './open-below.ts';

export interface Found {
  /** Relative to the folder, as text. */
  readonly path: string;
  readonly stats: Stats;
  /** Its path for system calls, valid until the next entry is requested. */
  readonly reach: Buffer;
}

interface Anchor {
  readonly fd: number;
  users: number;
}

interface Waiting {
  readonly anchor: Anchor;
  /** Relative to the anchor; empty for itself. */
  readonly below: Buffer;
  readonly path: string;
}

const folderFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** Most bytes of a path below an anchor; deeper folders become anchors. */
const longestBelow = 2048;

/** Entries that are examined concurrently. */
const atOnce = 32;

/** A folder comes before its entries; otherwise in no order. Empty for a missing folder. */
export async function* walkTree(folder: string): AsyncGenerator<Found, void> {
  const top = await openTop(folder);
  if (!top) return;
  const anchors = new Set<Anchor>();
  const root = { fd: top.fd, users: 1 };
  const waiting: Waiting[] = [{ anchor: root, below: Buffer.alloc(0), path: '' }];
  const release = async (anchor: Anchor): Promise<void> => {
    anchor.users--;
    if (anchor.users === 0 && anchors.delete(anchor)) await closeFd(anchor.fd);
  };
  try {
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      yield* entriesOf(next, waiting, anchors);
      await release(next.anchor);
    }
  } finally {
    for (const { fd } of anchors) await closeFd(fd);
    await top.close();
  }
}

async function openTop(folder: string): Promise<FileHandle | undefined> {
  try {
    return await open(folder, folderFlags);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw thrown;
  }
}

/** The entries of one folder; subfolders are added to `waiting`. */
async function* entriesOf(
  { anchor, below, path }: Waiting,
  waiting: Waiting[],
  anchors: Set<Anchor>,
): AsyncGenerator<Found, void> {
  const name = below.length > 0 ? below : Buffer.from('.');
  const fd = await openBelow(anchor.fd, name, { flags: folderFlags, resolve: 'noLinks' });
  // removed or replaced meanwhile
  if (fd === undefined) return;
  const isAnchor = below.length > longestBelow;
  const here: Anchor = isAnchor ? { fd, users: 1 } : anchor;
  if (isAnchor) anchors.add(here);
  try {
    for await (const found of statsIn(fd)) {
      const shown = found.name.toString();
      const at = path === '' ? shown : `${path}/${shown}`;
      if (found.stats.isDirectory()) {
        const deeper = isAnchor || below.length === 0 ? found.name : joined(below, found.name);
        here.users++;
        waiting.push({ anchor: here, below: deeper, path: at });
      }
      yield { path: at, stats: found.stats, reach: found.reach };
    }
  } finally {
    if (isAnchor) here.users--;
    if (!isAnchor || (here.users === 0 && anchors.delete(here))) await closeFd(fd);
  }
}

const joined = (folder: Buffer, name: Buffer): Buffer => Buffer.concat([folder, Buffer.from('/'), name]);

interface Entry {
  readonly name: Buffer;
  readonly reach: Buffer;
  readonly stats: Stats;
}

async function* statsIn(fd: number): AsyncGenerator<Entry, void> {
  const folder = Buffer.from(`/proc/self/fd/${fd}`);
  const names = await readdir(folder, { encoding: 'buffer' });
  for (let at = 0; at < names.length; at += atOnce) {
    const some = names.slice(at, at + atOnce).map((name) => ({ name, reach: joined(folder, name) }));
    const found = await Promise.all(
      // a running container may have removed it
      some.map(async (one) => ({ ...one, stats: await lstat(one.reach).catch(() => undefined) })),
    );
    for (const { name, reach, stats } of found) if (stats) yield { name, reach, stats };
  }
}

/** Bytes of the files and symbolic links in a folder; hard links count once. */
export async function bytesIn(folder: string): Promise<number> {
  const seen = new Set<number>();
  let bytes = 0;
  for await (const { stats } of walkTree(folder)) {
    if (!(stats.isFile() || stats.isSymbolicLink()) || seen.has(stats.ino)) continue;
    if (stats.nlink > 1) seen.add(stats.ino);
    bytes += stats.size;
  }
  return bytes;
}
