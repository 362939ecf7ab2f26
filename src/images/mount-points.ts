/**
 * What every container finds in its root, whatever its image: the places that the engine mounts something on,
 * `/etc/mtab`, and `/.dockerenv`, by which programs know where they are. As with dockerd it is a layer between
 * the image and the container's own, so that `diff` and `commit` do not show it and `export` does, and what the
 * image has there that is no folder (a link, a file, a FIFO) is replaced.
 */
import { lstatSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { pathBytes, type TarEntry } from './tar/entry.ts';
import { encodeEntry, endOfArchive, plainEntry } from './tar/writer.ts';

/** In dockerd's modes: files 0755 too. */
const places: readonly (readonly [string, 'dir' | 'file' | 'symlink'])[] = [
  ['.dockerenv', 'file'],
  ['dev', 'dir'],
  ['dev/console', 'file'],
  ['dev/pts', 'dir'],
  ['dev/shm', 'dir'],
  ['etc', 'dir'],
  ['etc/hostname', 'file'],
  ['etc/hosts', 'file'],
  ['etc/mtab', 'symlink'],
  ['etc/resolv.conf', 'file'],
  ['proc', 'dir'],
  ['sys', 'dir'],
];

const seconds = (stats: Stats): string => String(Math.floor(stats.mtimeMs / 1000));

/** A folder of the image, as it is: the layer must not change it. */
const asItIs = (name: string, stats: Stats): TarEntry => ({
  ...plainEntry('dir', name),
  mode: stats.mode & 0o7777,
  uid: stats.uid,
  gid: stats.gid,
  mtime: seconds(stats),
});

/**
 * The layer's tar: what is missing in the files of an image, which are below `folder`, and what is no folder (or
 * `/etc/hosts` and the like no new file) there: an image must not lead the engine or the runtime elsewhere with a
 * link, nor let them open a FIFO. Undefined where nothing is to be put over it.
 */
export function missingMountPoints(folder: string): Buffer | undefined {
  const entries = new Map<string, TarEntry>();
  /** The image's own, as long as the layer does not replace a folder above it. */
  const imageHas = (name: string): Stats | undefined => {
    const parent = dirname(name);
    if (parent !== '.' && !imageHas(parent)?.isDirectory()) return undefined;
    return lstatSync(pathBytes(folder, name), { throwIfNoEntry: false });
  };
  for (const [name, kind] of places) {
    const stats = imageHas(name);
    if (stats?.isDirectory()) continue;
    const parent = dirname(name);
    const above = parent === '.' ? undefined : imageHas(parent);
    if (above?.isDirectory()) entries.set(parent, asItIs(parent, above));
    const link = kind === 'symlink' ? { linkName: '/proc/mounts' } : {};
    entries.set(name, { ...plainEntry(kind, name), mode: kind === 'symlink' ? 0o777 : 0o755, ...link });
  }
  if (entries.size === 0) return undefined;
  return Buffer.concat([...[...entries.values()].map(encodeEntry), endOfArchive]);
}
