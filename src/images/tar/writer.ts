/** Writes tar headers: ustar, with pax records for values that do not fit. */
import type { EntryKind, TarEntry } from './entry.ts';
import { blockSize, encodeHeader, fitsOctal, paddingOf } from './header.ts';
import { encodePax } from './pax.ts';
import { encodeSparseMap } from './sparse.ts';

const types: Readonly<Record<EntryKind, string>> = {
  file: '0',
  link: '1',
  symlink: '2',
  char: '3',
  block: '4',
  dir: '5',
  fifo: '6',
};

const plainHeader = {
  mode: 0o644,
  uid: 0,
  gid: 0,
  mtime: 0,
  linkName: '',
  devMajor: 0,
  devMinor: 0,
} as const;

/** The two blocks of zeros. */
export const endOfArchive: Buffer = Buffer.alloc(2 * blockSize);

/** A folder ends with a slash. */
const written = (entry: TarEntry): string =>
  entry.kind === 'dir' && !entry.name.endsWith('/') ? `${entry.name}/` : entry.name;

function recordsOf(entry: TarEntry, size: number): Map<string, string> {
  const records = new Map<string, string>();
  if (written(entry).length > 100) records.set('path', written(entry));
  if (entry.linkName.length > 100) records.set('linkpath', entry.linkName);
  if (!fitsOctal(entry.uid, 8)) records.set('uid', String(entry.uid));
  if (!fitsOctal(entry.gid, 8)) records.set('gid', String(entry.gid));
  if (!fitsOctal(size, 12)) records.set('size', String(size));
  if (!fitsOctal(Number(entry.mtime), 12)) records.set('mtime', entry.mtime);
  for (const [key, value] of entry.xattrs) records.set(`SCHILY.xattr.${key}`, value);
  if (entry.sparse) {
    records.set('GNU.sparse.major', '1');
    records.set('GNU.sparse.minor', '0');
    records.set('GNU.sparse.name', entry.name);
    records.set('GNU.sparse.realsize', String(entry.sparse.realSize));
  }
  return records;
}

/** Everything before the entry's data: pax header, header and, for sparse files, the map. */
export function encodeEntry(entry: TarEntry): Buffer {
  const map = entry.sparse ? encodeSparseMap(entry.sparse) : Buffer.alloc(0);
  const size = entry.size + map.length;
  const records = recordsOf(entry, size);
  const main = encodeHeader({
    name: written(entry),
    mode: entry.mode,
    uid: entry.uid,
    gid: entry.gid,
    size,
    mtime: Math.max(0, Math.floor(Number(entry.mtime))),
    type: types[entry.kind],
    linkName: entry.linkName,
    devMajor: entry.devMajor,
    devMinor: entry.devMinor,
  });
  return records.size === 0
    ? Buffer.concat([main, map])
    : Buffer.concat([extension(encodePax(records)), main, map]);
}

function extension(data: Buffer): Buffer {
  const header = encodeHeader({ ...plainHeader, name: 'PaxHeaders/entry', size: data.length, type: 'x' });
  return Buffer.concat([header, data, Buffer.alloc(paddingOf(data.length))]);
}

/** Zeros that fill the last block of that much data. */
export function padding(size: number): Buffer {
  return Buffer.alloc(paddingOf(size));
}

/** An entry with default attributes. */
export function plainEntry(kind: EntryKind, name: string): TarEntry {
  const mode = kind === 'dir' ? 0o755 : 0o644;
  return {
    kind,
    name,
    mode,
    uid: 0,
    gid: 0,
    size: 0,
    mtime: '0',
    linkName: '',
    devMajor: 0,
    devMinor: 0,
    xattrs: new Map(),
  };
}
