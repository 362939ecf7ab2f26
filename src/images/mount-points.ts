/**
 * Files that every container has in its root: mount points of the engine, `/etc/mtab`, and `/.dockerenv`, by which
 * programs detect Docker. As in dockerd they are a layer between the image and the container's own, so that `diff`
 * and `commit` do not show them and `export` does. They replace anything in the image that is no folder (a link, a
 * file, a FIFO).
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

/** An entry with the attributes of the image's folder, which the layer must not change. */
const asItIs = (name: string, stats: Stats): TarEntry => ({
  ...plainEntry('dir', name),
  mode: stats.mode & 0o7777,
  uid: stats.uid,
  gid: stats.gid,
  mtime: seconds(stats),
});

/**
 * The layer's tar, for an image whose files are below `folder`. It has the missing mount points and replaces
 * non-folders, so that an image cannot lead the engine or the runtime elsewhere by a link, nor make them open a FIFO.
 * Undefined for an empty layer.
 */
export function missingMountPoints(folder: string): Buffer | undefined {
  const entries = new Map<string, TarEntry>();
  /** The image's file, unless the layer replaces a folder above it. */
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
