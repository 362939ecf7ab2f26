/** The archive of `docker plugin create`, with `config.json` and `rootfs/`, read in one pass. */
import { fail } from '../errors.ts';
import { decompressed } from './compression.ts';
import type { Bytes } from './tar/bytes.ts';
import { readable, type TarEntry } from './tar/entry.ts';
import { type ReadEntry, readTar } from './tar/reader.ts';
import { cleanPath } from './tar/resolve.ts';
import { encodeEntry, endOfArchive, padding } from './tar/writer.ts';

/** Limit of `config.json` in bytes. */
const largestConfig = 1 << 20;
const folder = 'rootfs';

export interface PluginArchive {
  /** `rootfs/` as a layer's tar, which must be read to its end. */
  readonly layer: Bytes;
  /** `config.json`, once the layer was read; undefined where the archive lacks it. */
  config(): Buffer | undefined;
}

export function readPluginArchive(archive: AsyncIterable<Buffer>): PluginArchive {
  let config: Buffer | undefined;
  const layer = async function* (): AsyncGenerator<Buffer, void> {
    for await (const read of readTar(decompressed(archive), { endMark: 'optional' })) {
      const name = nameOf(read.entry);
      if (name === 'config.json' && read.entry.kind === 'file') config = await wholeOf(read);
      else if (name === folder || name.startsWith(`${folder}/`)) yield* moved(read, name);
    }
    yield endOfArchive;
  };
  return { layer: layer(), config: () => config };
}

function nameOf(entry: TarEntry): string {
  const name = cleanPath(entry.name.replace(/^\/+/, ''));
  if (name !== undefined) return name;
  throw fail('PLUGIN_INVALID', `invalid path ${readable(entry.name)}: it leads out of the archive`);
}

/** An entry without the leading folder in its name and in a hard link's target. */
async function* moved({ entry, data }: ReadEntry, name: string): AsyncGenerator<Buffer, void> {
  const linkName = entry.kind === 'link' ? insideOf(entry) : entry.linkName;
  yield encodeEntry({ ...entry, name: name.slice(folder.length + 1) || './', linkName });
  yield* data();
  yield padding(entry.size);
}

function insideOf(entry: TarEntry): string {
  const target = cleanPath(entry.linkName) ?? '';
  return target.startsWith(`${folder}/`) ? target.slice(folder.length + 1) : entry.linkName;
}

async function wholeOf({ entry, data }: ReadEntry): Promise<Buffer> {
  if (entry.size > largestConfig) throw fail('PLUGIN_INVALID', `config.json has ${entry.size} bytes`);
  const pieces: Buffer[] = [];
  for await (const piece of data()) pieces.push(piece);
  return Buffer.concat(pieces);
}
