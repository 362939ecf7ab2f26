/**
 * Writes an image archive (`docker load`) to disk, because its parts come in any order. The files get
 * numbers as names, so that the archive's names cannot do harm.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fail } from '../errors.ts';
import { decompressed } from './compression.ts';
import { hexOf } from './layers.ts';
import type { Bytes } from './tar/bytes.ts';
import { readable } from './tar/entry.ts';
import { type ReadEntry, readTar } from './tar/reader.ts';
import { cleanPath, splitPath } from './tar/resolve.ts';

/** Largest JSON file that is read into memory. */
const largestText = 16 << 20;

/** Files by their names in the archive. */
export interface Parts {
  has(name: string): boolean;
  /** The content of a small file. Throws IMAGE_INVALID for a missing or large one. */
  text(name: string): Promise<Buffer>;
  stream(name: string): Bytes;
  /** Its path on disk. Throws IMAGE_INVALID for a missing file. */
  path(name: string): string;
}

interface Stored {
  readonly path: string;
  readonly size: number;
}

/** Makes `folder` and writes the archive's files into it. Throws IMAGE_INVALID. */
export async function spoolArchive(archive: AsyncIterable<Buffer>, folder: string): Promise<Parts> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const files = new Map<string, Stored>();
  const links = new Map<string, string>();
  for await (const read of readTar(decompressed(archive), { endMark: 'optional' })) {
    const { entry } = read;
    const name = cleanPath(entry.name);
    if (name === undefined)
      throw fail('IMAGE_INVALID', `invalid path ${readable(entry.name)}: it leads out of the archive`);
    if (entry.kind === 'file') files.set(name, await store(read, join(folder, String(files.size))));
    else if (entry.kind === 'link' || entry.kind === 'symlink') links.set(name, linkTarget(name, read));
    else if (entry.kind !== 'dir')
      throw fail('IMAGE_INVALID', `${readable(entry.name)}: a ${entry.kind} in an image archive`);
  }
  return partsOf((name) => files.get(links.get(name) ?? name));
}

/** In old archives a layer shared with another image is a link (`../<id>/layer.tar`). */
function linkTarget(name: string, { entry }: ReadEntry): string {
  const from = entry.kind === 'symlink' ? `${splitPath(name)[0]}/` : '';
  const target = entry.linkName.startsWith('/') ? undefined : cleanPath(from + entry.linkName);
  if (target === undefined)
    throw fail(
      'IMAGE_INVALID',
      `invalid link ${readable(entry.name)} -> ${readable(entry.linkName)}: it leads out of the archive`,
    );
  return target;
}

async function store({ data }: ReadEntry, path: string): Promise<Stored> {
  const file = await open(path, 'wx', 0o600);
  let size = 0;
  try {
    for await (const piece of data()) {
      await file.write(piece);
      size += piece.length;
    }
  } finally {
    await file.close();
  }
  return { path, size };
}

/** Files of a folder with blobs by their hex digests (skopeo's `dir:`). */
export function partsOfFolder(folder: string): Parts {
  return partsOf((name) => ({ path: join(folder, name.replaceAll('/', '_')), size: 0 }));
}

function partsOf(find: (name: string) => Stored | undefined): Parts {
  const get = (name: string): Stored => {
    const found = find(name);
    if (!found) throw fail('IMAGE_INVALID', `invalid archive: it has no ${JSON.stringify(name)}`);
    return found;
  };
  return {
    has: (name) => find(name) !== undefined,
    async text(name) {
      const { path, size } = get(name);
      if (size > largestText) throw fail('IMAGE_INVALID', `invalid archive: ${name} has ${size} bytes`);
      return readFile(path);
    },
    stream: (name) => createReadStream(get(name).path, { highWaterMark: 1 << 18 }) as AsyncIterable<Buffer>,
    path: (name) => get(name).path,
  };
}

/** Passes content through and throws IMAGE_INVALID at its end if the digest differs. */
export async function* verified(content: Bytes, digest: string): Bytes & AsyncGenerator<Buffer, void> {
  const wanted = hexOf(digest);
  const hash = createHash('sha256');
  for await (const piece of content) {
    hash.update(piece);
    yield piece;
  }
  const found = hash.digest('hex');
  if (found !== wanted)
    throw fail('IMAGE_INVALID', `digest mismatch: content of ${digest} has the digest sha256:${found}`);
}

/** A small blob with checked digest. */
export async function verifiedText(parts: Parts, name: string, digest: string): Promise<Buffer> {
  const content = await parts.text(name);
  for await (const _ of verified(
    (async function* () {
      yield content;
    })(),
    digest,
  ));
  return content;
}
