/** Changes of a container to its root, read from its upper folder of overlayfs. */
import { constants, type Stats } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { fail } from '../errors.ts';
import { attributeIs } from '../kernel/files/attribute.ts';
import { closeFd, openBelow } from '../kernel/files/open-below.ts';
import { type Found, walkTree } from '../kernel/files/walk-tree.ts';
import type { FileChange } from './images.ts';
import { longestPath } from './tar/judge.ts';
import { opaqueXattr } from './unpack.ts';

/** A whiteout of overlayfs is a character device with the numbers 0, 0. */
const isWhiteout = (stats: Stats): boolean => stats.isCharacterDevice() && stats.rdev === 0;

/** Docker's `diff`: added, modified, deleted. `below` is the image's files as one tree. */
export async function changesOf(upper: string, below: string): Promise<readonly FileChange[]> {
  await using own = await open(upper, constants.O_RDONLY);
  await using image = await open(below, constants.O_RDONLY);
  const changes: FileChange[] = [];
  for await (const found of walkTree(upper)) changes.push(...(await changesAt(found, own.fd, image.fd)));
  return changes.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function changesAt({ path, stats, reach }: Found, own: number, image: number): Promise<FileChange[]> {
  if (path.length > longestPath)
    throw fail('RUNTIME_FAILED', 'list the changes', 'a file name too long in the container');
  const known = await isThere(image, path);
  if (isWhiteout(stats)) return known ? [{ path: `/${path}`, kind: 2 }] : [];
  const changes: FileChange[] = [{ path: `/${path}`, kind: known ? 0 : 1 }];
  if (!known || !stats.isDirectory() || !attributeIs(reach, opaqueXattr, 'y')) return changes;
  for (const name of await childrenOf(image, path))
    if (!(await isThere(own, `${path}/${name}`))) changes.push({ path: `/${path}/${name}`, kind: 2 });
  return changes;
}

const O_PATH = 0o10000000;

async function isThere(folder: number, path: string): Promise<boolean> {
  const flags = O_PATH | constants.O_NOFOLLOW;
  const fd = await openBelow(folder, Buffer.from(path), { flags, resolve: 'noLinks' });
  if (fd !== undefined) await closeFd(fd);
  return fd !== undefined;
}

async function childrenOf(folder: number, path: string): Promise<readonly string[]> {
  const flags = constants.O_RDONLY | constants.O_DIRECTORY;
  const fd = await openBelow(folder, Buffer.from(path), { flags, resolve: 'noLinks' });
  if (fd === undefined) return [];
  try {
    return await readdir(`/proc/self/fd/${fd}`);
  } finally {
    await closeFd(fd);
  }
}
