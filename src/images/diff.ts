/** What a container changed: read from its upper folder, where overlayfs keeps exactly that. */
import type { Stats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createFlags, startTar } from './gnutar.ts';
import type { FileChange } from './images.ts';
import { readTar } from './tar/reader.ts';
import { opaqueXattr } from './unpack.ts';
import { walk } from './walk.ts';

/** A whiteout of overlayfs is a character device with the numbers 0, 0. */
const isWhiteout = (stats: Stats): boolean => stats.isCharacterDevice() && stats.rdev === 0;

/** Docker's `diff`: added, modified, deleted. `below` is the image's files as one tree. */
export async function changesOf(upper: string, below: string): Promise<readonly FileChange[]> {
  const changes: FileChange[] = [];
  const opaque = await opaqueFolders(upper);
  for await (const { path, stats } of walk(upper)) {
    const known = await exists(join(below, path));
    if (isWhiteout(stats)) {
      if (known) changes.push({ path: `/${path}`, kind: 2 });
      continue;
    }
    changes.push({ path: `/${path}`, kind: known ? 0 : 1 });
    if (!opaque.has(path) || !known) continue;
    for (const name of await childrenOf(join(below, path)))
      if (!(await exists(join(upper, path, name)))) changes.push({ path: `/${path}/${name}`, kind: 2 });
  }
  return changes.sort((a, b) => (a.path < b.path ? -1 : 1));
}

const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

const childrenOf = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);

/** Folders that hide what is below them. Node cannot read xattrs; GNU tar can. */
export async function opaqueFolders(upper: string): Promise<ReadonlySet<string>> {
  const folders: string[] = [];
  for await (const { path, stats } of walk(upper)) if (stats.isDirectory()) folders.push(path);
  const found = new Set<string>();
  if (folders.length === 0) return found;
  const flags = [
    '--no-recursion',
    `--directory=${upper}`,
    '--null',
    '--verbatim-files-from',
    '--files-from=-',
  ];
  const tar = startTar('read the attributes of folders', 'tar', [...createFlags, ...flags]);
  tar.input.end(folders.map((folder) => `./${folder}\0`).join(''));
  for await (const { entry } of readTar(tar.output, { endMark: 'optional' }))
    if (entry.xattrs.get(opaqueXattr) === 'y')
      found.add(Buffer.from(entry.name, 'latin1').toString('utf8').replace(/^\.\//, '').replace(/\/$/, ''));
  await tar.done;
  return found;
}
