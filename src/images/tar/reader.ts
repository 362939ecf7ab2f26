/**
 * Reads a tar archive from a stream: v7, ustar, pax and GNU. It writes nothing and trusts nothing;
 * whatever it cannot read for certain it refuses with IMAGE_INVALID.
 */
import { fail } from '../../errors.ts';
import { ByteSource, type Bytes, cutOff, type Input } from './bytes.ts';
import type { EntryKind, SparseMap, TarEntry } from './entry.ts';
import { blockSize, type Header, paddingOf, parseHeader } from './header.ts';
import { parsePaxList } from './pax.ts';
import { paxSparse, readGnuSparse, readSparseMap } from './sparse.ts';

/** Pax data and long names beyond this are an attack, not an archive. */
const largestExtension = 4 << 20;

export interface ReadOptions {
  /** Gets, in order, every byte that is not data of an entry: headers, padding, the end. */
  readonly raw?: (bytes: Buffer) => Promise<void>;
  /**
   * An archive that stops between two entries without the two blocks of zeros: some writers do that.
   * Where no digest proves that it is whole, it counts as cut off.
   */
  readonly endMark: 'required' | 'optional';
}

/** An entry and its data, which must be read (or is skipped) before the next entry. */
export interface ReadEntry {
  readonly entry: TarEntry;
  readonly data: () => AsyncGenerator<Buffer, void>;
}

const kinds: Readonly<Record<string, EntryKind>> = {
  '0': 'file',
  '1': 'link',
  '2': 'symlink',
  '3': 'char',
  '4': 'block',
  '5': 'dir',
  '6': 'fifo',
  '7': 'file',
  S: 'file',
};

interface Extensions {
  pax: readonly (readonly [string, string])[];
  longName: string | undefined;
  longLink: string | undefined;
}

/** Entry by entry, to the end of the stream. */
export async function* readTar(chunks: Bytes, options: ReadOptions): AsyncGenerator<ReadEntry, void> {
  const input: Input = { source: new ByteSource(chunks), raw: options.raw ?? (async () => {}) };
  const { source, raw } = input;
  let extensions: Extensions = { pax: [], longName: undefined, longLink: undefined };
  for (;;) {
    const block = await source.exactly(blockSize);
    if (!block) {
      if (options.endMark === 'required' || hasExtensions(extensions)) throw cutOff();
      return;
    }
    await raw(block);
    const header = parseHeader(block);
    if (!header) break;
    if (await readExtension(header, extensions, input)) continue;
    const entry = await entryOf({ header, block, extensions }, input);
    extensions = { pax: [], longName: undefined, longLink: undefined };
    yield* withData(entry, input);
  }
  for (let rest = await source.some(1 << 16); rest; rest = await source.some(1 << 16)) await raw(rest);
}

const hasExtensions = (e: Extensions): boolean =>
  e.pax.length > 0 || e.longName !== undefined || e.longLink !== undefined;

/** Hands the entry out, and afterwards skips what was not read and the padding. */
async function* withData(entry: TarEntry, { source, raw }: Input): AsyncGenerator<ReadEntry, void> {
  let left = entry.size;
  const data = async function* (): AsyncGenerator<Buffer, void> {
    while (left > 0) {
      const piece = await source.some(Math.min(left, 1 << 18));
      if (!piece) throw cutOff();
      left -= piece.length;
      yield piece;
    }
  };
  yield { entry, data };
  for await (const piece of data()) await raw(piece);
  const padding = paddingOf(entry.size);
  if (padding === 0) return;
  const bytes = await source.exactly(padding);
  if (!bytes) throw cutOff();
  await raw(bytes);
}

/** Pax headers and GNU long names say something about the entry after them. True if it was one. */
async function readExtension(
  header: Header,
  extensions: Extensions,
  { source, raw }: Input,
): Promise<boolean> {
  if (!'xgLK'.includes(header.type)) return false;
  if (header.size > largestExtension || header.size < 0)
    throw fail('IMAGE_INVALID', `invalid tar header: an extension of ${header.size} bytes`);
  const whole = await source.exactly(header.size + paddingOf(header.size));
  if (!whole && header.size > 0) throw cutOff();
  if (whole) await raw(whole);
  const data = (whole ?? Buffer.alloc(0)).subarray(0, header.size);
  if (header.type === 'x') extensions.pax = parsePaxList(data);
  const text = data.toString('latin1').replace(/\0[\s\S]*$/, '');
  if (header.type === 'L') extensions.longName = text;
  if (header.type === 'K') extensions.longLink = text;
  return true; // a global header ('g') speaks of the archive, for example git's commit: Docker ignores it too
}

function paxNumber(records: ReadonlyMap<string, string>, key: string, otherwise: number): number {
  const text = records.get(key);
  if (text === undefined) return otherwise;
  if (!/^[0-9]{1,15}$/.test(text)) throw fail('IMAGE_INVALID', `invalid tar header: pax ${key}=${text}`);
  return Number(text);
}

function paxTime(records: ReadonlyMap<string, string>, otherwise: number): string {
  const text = records.get('mtime');
  if (text === undefined) return String(otherwise);
  if (!/^-?[0-9]{1,15}(\.[0-9]*)?$/.test(text))
    throw fail('IMAGE_INVALID', `invalid tar header: pax mtime=${text}`);
  return text;
}

function xattrsOf(records: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const prefix = 'SCHILY.xattr.';
  const found = [...records].filter(([key]) => key.startsWith(prefix));
  return new Map(found.map(([key, value]) => [key.slice(prefix.length), value]));
}

/** Before POSIX a folder was a file whose name ends with a slash. */
function kindOf(header: Header, name: string): EntryKind {
  const kind = kinds[header.type];
  if (!kind) throw fail('IMAGE_INVALID', `unhandled tar header type ${JSON.stringify(header.type)}`);
  return header.type === '0' && name.endsWith('/') ? 'dir' : kind;
}

interface Head {
  readonly header: Header;
  readonly block: Buffer;
  readonly extensions: Extensions;
}

async function entryOf(head: Head, input: Input): Promise<TarEntry> {
  const { header, extensions } = head;
  const records = new Map(extensions.pax);
  const plainName = records.get('path') ?? extensions.longName ?? header.name;
  const kind = kindOf(header, plainName);
  // links, folders and devices have no data whatever the field says (old writers put the target's size)
  const size = kind === 'file' ? paxNumber(records, 'size', header.size) : 0;
  if (size < 0) throw fail('IMAGE_INVALID', `invalid tar header: a size of ${size}`);
  const { sparse, dataSize, name } = await sparseOf(head, kind === 'file' ? size : undefined, input);
  return {
    kind,
    name: name ?? plainName,
    mode: header.mode & 0o7777,
    uid: paxNumber(records, 'uid', header.uid),
    gid: paxNumber(records, 'gid', header.gid),
    size: dataSize,
    mtime: paxTime(records, header.mtime),
    linkName: records.get('linkpath') ?? extensions.longLink ?? header.linkName,
    devMajor: header.devMajor,
    devMinor: header.devMinor,
    xattrs: xattrsOf(records),
    ...(sparse ? { sparse } : {}),
  };
}

/** `size` is undefined for what is no file: it has neither data nor holes. */
async function sparseOf(
  { header, block, extensions }: Head,
  size: number | undefined,
  input: Input,
): Promise<{ readonly sparse?: SparseMap; readonly dataSize: number; readonly name?: string }> {
  if (size === undefined) return { dataSize: 0 };
  if (header.type === 'S') return { sparse: await readGnuSparse(block, size, input), dataSize: size };
  const { name, map, mapInData } = paxSparse(extensions.pax, size);
  const named = name === undefined ? {} : { name };
  if (mapInData !== undefined) {
    const read = await readSparseMap({ realSize: mapInData, size }, input);
    return { sparse: read.map, dataSize: read.dataSize, ...named };
  }
  return { ...(map ? { sparse: map } : {}), dataSize: size, ...named };
}
