/** `docker import`: a root filesystem becomes an image of one layer. */
import { fail } from '../errors.ts';
import type { Image } from '../model/image.ts';
import { decompressed } from './compression.ts';
import { encodeConfig } from './config.ts';
import type { ImportOptions } from './images.ts';
import { applyInstructions } from './instructions.ts';
import { parsePlatform } from './platform.ts';
import { parseTag } from './reference.ts';
import { type ImageStore, register } from './store.ts';
import { endOfArchive } from './tar/writer.ts';

/** An empty stream is an empty archive, as in dockerd. */
async function* orEmpty(archive: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let isEmpty = true;
  for await (const piece of archive) {
    isEmpty = isEmpty && piece.length === 0;
    yield piece;
  }
  if (isEmpty) yield endOfArchive;
}

/** Checks the request before the archive is read. */
export async function importArchive(
  store: ImageStore,
  archive: AsyncIterable<Buffer>,
  options: ImportOptions & { readonly created?: string },
): Promise<Image> {
  const tags = options.reference ? [parseTag(options.reference)] : [];
  const config = applyInstructions({}, options.changes);
  const platform = parsePlatform(options.platform);
  if (platform.os !== 'linux') throw fail('BAD_REQUEST', 'operating system is not supported');
  return store.layers.keeping(async () => {
    const layer = await store.layers.add(decompressed(orEmpty(archive)), { parent: '' });
    const created = options.created ?? store.now();
    const file = encodeConfig({
      architecture: platform.architecture,
      ...(platform.variant ? { variant: platform.variant } : {}),
      os: platform.os,
      created,
      comment: options.message,
      config,
      rootfs: { type: 'layers', diff_ids: [layer.diffId] },
      history: [{ created, comment: options.message }],
    });
    return register(store, { file, layers: [layer], tags });
  });
}
