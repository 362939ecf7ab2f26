/** `docker import`: a root filesystem becomes an image of one layer. */
import type { Image } from '../model/image.ts';
import { decompressed } from './compression.ts';
import { encodeConfig } from './config.ts';
import type { ImportOptions } from './images.ts';
import { applyInstructions } from './instructions.ts';
import { parsePlatform } from './platform.ts';
import { parseTag } from './reference.ts';
import { type ImageStore, register } from './store.ts';

/** Everything that can be refused is looked at before the archive is read. */
export async function importArchive(
  store: ImageStore,
  archive: AsyncIterable<Buffer>,
  options: ImportOptions & { readonly created?: string },
): Promise<Image> {
  const tags = options.reference ? [parseTag(options.reference)] : [];
  const config = applyInstructions({}, options.changes);
  const platform = parsePlatform(options.platform);
  return store.layers.keeping(async () => {
    const layer = await store.layers.add(decompressed(archive), { parent: '' });
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
