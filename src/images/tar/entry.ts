/** An entry of a tar archive of any dialect. */

export type EntryKind = 'file' | 'link' | 'symlink' | 'char' | 'block' | 'dir' | 'fifo';

/** A file with holes; the archive has only the data of the regions, in order. */
export interface SparseMap {
  readonly realSize: number;
  readonly regions: readonly { readonly offset: number; readonly length: number }[];
}

/** Names, link names and xattr values are byte strings (latin1). */
export interface TarEntry {
  readonly kind: EntryKind;
  readonly name: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of data in the archive; 0 for all but files. */
  readonly size: number;
  /** Seconds since 1970, as decimal text: it may have a fraction that a number would lose. */
  readonly mtime: string;
  readonly linkName: string;
  readonly devMajor: number;
  readonly devMinor: number;
  readonly xattrs: ReadonlyMap<string, string>;
  readonly sparse?: SparseMap;
}

/** A byte string as quoted text, for messages. */
export function readable(bytes: string): string {
  return JSON.stringify(Buffer.from(bytes, 'latin1').toString('utf8'));
}

/** A byte string as a path for node:fs. */
export function pathBytes(folder: string, bytes: string): Buffer {
  return Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(bytes, 'latin1')]);
}
