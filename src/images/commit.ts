/** `docker commit`: the container's own layer becomes a layer of a new image. */
import { fail } from '../errors.ts';
import type { Image, ImageConfig } from '../model/image.ts';
import { encodeConfig, historyLine, parseConfig } from './config.ts';
import { createFlags, startTar } from './gnutar.ts';
import type { CommitOptions } from './images.ts';
import { applyInstructions } from './instructions.ts';
import type { LayerInfo } from './layers.ts';
import { parseTag } from './reference.ts';
import { type ImageStore, register } from './store.ts';
import type { Bytes } from './tar/bytes.ts';
import type { TarEntry } from './tar/entry.ts';
import { longestPath } from './tar/judge.ts';
import { readTar } from './tar/reader.ts';
import { splitPath } from './tar/resolve.ts';
import { encodeEntry, endOfArchive, padding, plainEntry } from './tar/writer.ts';
import { opaqueXattr } from './unpack.ts';

/** An upper folder as a layer's tar, with whiteouts and opaque folders in the format of images (OCI layer.md). */
export async function* layerOf(upper: string): Bytes & AsyncGenerator<Buffer, void> {
  const tar = startTar('pack the layer', 'tar', [...createFlags, `--directory=${upper}`, '.']);
  tar.input.end();
  try {
    for await (const { entry, data } of readTar(tar.output, { endMark: 'required' })) {
      const named = { ...entry, name: entry.name.replace(/^\.\//, '') };
      if (named.name.length > longestPath)
        throw fail('RUNTIME_FAILED', 'pack the layer', 'a file name too long in the container');
      if (named.name === '' || named.name === '.') continue; // the root's own attributes are not the image's
      yield* asLayerEntry({ ...named, linkName: linkOf(named) }, data());
    }
    await tar.done;
    yield endOfArchive;
  } finally {
    tar.stop();
  }
}

const linkOf = (entry: TarEntry): string =>
  entry.kind === 'link' ? entry.linkName.replace(/^\.\//, '') : entry.linkName;

async function* asLayerEntry(entry: TarEntry, data: Bytes): AsyncGenerator<Buffer, void> {
  if (entry.kind === 'char' && entry.devMajor === 0 && entry.devMinor === 0) {
    const [folder, base] = splitPath(entry.name);
    yield encodeEntry(mark(folder, `.wh.${base}`, entry));
    return;
  }
  const xattrs = new Map([...entry.xattrs].filter(([key]) => !key.startsWith('trusted.overlay.')));
  yield encodeEntry({ ...entry, xattrs });
  for await (const piece of data) yield piece;
  yield padding(entry.size);
  if (entry.xattrs.get(opaqueXattr) === 'y')
    yield encodeEntry(mark(entry.name.replace(/\/$/, ''), '.wh..wh..opq', entry));
}

function mark(folder: string, base: string, like: TarEntry): TarEntry {
  return { ...plainEntry('file', folder ? `${folder}/${base}` : base), mtime: like.mtime };
}

/** Makes the new image. The request is checked before anything is packed. */
export async function commitUpper(
  store: ImageStore,
  upper: string,
  image: Image,
  options: CommitOptions,
): Promise<Image> {
  const tags = options.reference ? [parseTag(options.reference)] : [];
  const config = applyInstructions(options.config, options.changes);
  return store.layers.keeping(async () => {
    const top = await store.layers.add(layerOf(upper), { parent: image.layers.at(-1) ?? '' });
    const layers: LayerInfo[] = [];
    for (const chainId of image.layers) {
      const layer = await store.layers.find(chainId);
      if (layer) layers.push(layer);
    }
    const createdBy = (options.config.Cmd ?? []).join(' ');
    const file = await configOf(store, image, top, { ...options, config, createdBy });
    return register(store, { file, layers: [...layers, top], tags, parent: image.id });
  });
}

async function configOf(
  store: ImageStore,
  image: Image,
  top: LayerInfo,
  options: CommitOptions & { readonly config: ImageConfig; readonly createdBy: string },
): Promise<Buffer> {
  const below = parseConfig(await store.blobs.read(image.id));
  const created = store.now();
  const line = historyLine({
    created,
    createdBy: options.createdBy,
    comment: options.comment,
    emptyLayer: false,
  });
  return encodeConfig({
    architecture: image.architecture,
    ...(image.variant ? { variant: image.variant } : {}),
    os: image.os,
    created,
    author: options.author,
    ...(options.comment ? { comment: options.comment } : {}),
    config: options.config,
    rootfs: { type: 'layers', diff_ids: [...image.diffIds, top.diffId] },
    history: [...(below.history ?? []), line],
  });
}
