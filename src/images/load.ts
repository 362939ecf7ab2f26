/** `docker load`: archives of `docker save` in all versions, and OCI layouts. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { fail } from '../errors.ts';
import type { Image } from '../model/image.ts';
import { idOf } from './config.ts';
import { discard } from './discard.ts';
import type { Progress } from './images.ts';
import { hexOf, type LayerInfo } from './layers.ts';
import { legacyImages } from './legacy.ts';
import { findImage } from './lookup.ts';
import {
  choosePlatform,
  type Descriptor,
  imagesOfIndex,
  type Manifest,
  nameOf,
  parseManifest,
  parseSavedImages,
  type SavedImage,
} from './manifest.ts';
import { withParents } from './parents.ts';
import { ownPlatform } from './platform.ts';
import { parseTag } from './reference.ts';
import { type Parts, spoolArchive, verified, verifiedText } from './spool.ts';
import { chainOf, type ImageStore, type NewImage, register } from './store.ts';
import type { Bytes } from './tar/bytes.ts';
import { whole } from './whole.ts';

/** Loads all images of the archive; all are unpacked before the first is named. */
export async function loadArchive(
  store: ImageStore,
  archive: AsyncIterable<Buffer>,
  progress: Progress,
): Promise<void> {
  const folder = join(store.folder, `.load-${randomUUID()}`);
  await store.layers.keeping(async () => {
    try {
      const parts = await spoolArchive(archive, folder);
      const images = await imagesOf(store, parts, progress);
      for (const image of images) await announce(store, image, progress);
    } finally {
      await discard(folder, store.logger);
    }
  });
}

function imagesOf(store: ImageStore, parts: Parts, progress: Progress): Promise<readonly NewImage[]> {
  if (parts.has('manifest.json')) return savedImages(store, parts, progress);
  if (parts.has('index.json')) return layoutImages(store, parts, progress);
  if (parts.has('repositories')) return legacyImages(store, parts, progress);
  throw fail(
    'IMAGE_INVALID',
    'invalid archive: it has no manifest.json (docker save), index.json (OCI layout) or repositories (Docker before 1.10)',
  );
}

async function announce(store: ImageStore, made: NewImage, progress: Progress): Promise<void> {
  const id = idOf(made.file);
  for (const tag of made.tags) {
    const before: Image | undefined = findImage(store.records.view, tag);
    if (before && before.id !== id && before.tags.includes(tag))
      progress({
        stream: `The image ${tag} already exists, renaming the old one with ID ${before.id} to empty string\n`,
      });
  }
  await register(store, made);
  if (made.tags.length === 0) progress({ stream: `Loaded image ID: ${id}\n` });
  for (const tag of made.tags) progress({ stream: `Loaded image: ${tag}\n` });
}

async function savedImages(
  store: ImageStore,
  parts: Parts,
  progress: Progress,
): Promise<readonly NewImage[]> {
  const images: NewImage[] = [];
  const all = parseSavedImages(await parts.text('manifest.json'));
  for (const saved of all) images.push(await savedImage(store, parts, saved, progress));
  return withParents(
    images,
    all.map(({ parent }) => parent),
  );
}

async function savedImage(
  store: ImageStore,
  parts: Parts,
  saved: SavedImage,
  progress: Progress,
): Promise<NewImage> {
  const tags = saved.tags.map(parseTag);
  const named = /([0-9a-f]{64})(?:\.json)?$/.exec(saved.config)?.[1];
  const file = named
    ? await verifiedText(parts, saved.config, `sha256:${named}`)
    : await parts.text(saved.config);
  const contents = saved.layers.map((name) => (): Bytes => {
    const digest = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(name)?.[1];
    return digest ? verified(parts.stream(name), `sha256:${digest}`) : parts.stream(name);
  });
  return { file, tags, layers: await addLayers(store, file, contents, progress) };
}

const blob = (digest: string): string => `blobs/sha256/${hexOf(digest)}`;

async function layoutImages(store: ImageStore, parts: Parts, progress: Progress): Promise<NewImage[]> {
  const top = parseManifest(await parts.text('index.json'));
  if (top.kind !== 'index') throw fail('IMAGE_INVALID', 'invalid archive: its index.json is no index');
  const images: NewImage[] = [];
  for (const one of imagesOfIndex(top, ownPlatform())) {
    const manifest = await manifestAt(parts, one);
    const made = await manifestImage(store, parts, { manifest, nameOfBlob: blob, progress });
    const name = nameOf(one);
    images.push({ ...made, tags: name ? [parseTag(name)] : [] });
  }
  return images;
}

/** Down through nested indexes to the manifest for this platform. */
async function manifestAt(parts: Parts, one: Descriptor, depth = 0): Promise<Manifest> {
  const parsed = parseManifest(await verifiedText(parts, blob(one.digest), one.digest));
  if (parsed.kind === 'manifest') return parsed;
  if (depth > 3) throw fail('IMAGE_INVALID', 'invalid archive: indexes nested too deep');
  return manifestAt(parts, choosePlatform(parsed, ownPlatform()), depth + 1);
}

/** The image of a manifest, its blobs checked and its layers unpacked. */
export async function manifestImage(
  store: ImageStore,
  parts: Parts,
  of: {
    readonly manifest: Manifest;
    readonly nameOfBlob: (digest: string) => string;
    readonly progress: Progress;
  },
): Promise<NewImage> {
  const { config, layers } = of.manifest;
  const file = await verifiedText(parts, of.nameOfBlob(config.digest), config.digest);
  const contents = layers.map(
    ({ digest }) =>
      (): Bytes =>
        verified(parts.stream(of.nameOfBlob(digest)), digest),
  );
  return { file, tags: [], layers: await addLayers(store, file, contents, of.progress) };
}

/** Unpacks missing layers. */
async function addLayers(
  store: ImageStore,
  file: Buffer,
  contents: readonly (() => Bytes)[],
  progress: Progress,
): Promise<readonly LayerInfo[]> {
  const chain = chainOf(file);
  if (chain.length !== contents.length)
    throw fail(
      'IMAGE_INVALID',
      `invalid manifest, layers length mismatch: expected ${chain.length}, got ${contents.length}`,
    );
  const layers: LayerInfo[] = [];
  for (const [at, content] of contents.entries()) {
    const { chainId, diffId } = chain[at] ?? { chainId: '', diffId: '' };
    const parent = chain[at - 1]?.chainId ?? '';
    const known = await store.layers.find(chainId);
    const layer = known ?? (await store.layers.add(whole(content()), { parent, diffId }));
    if (!known)
      progress({
        status: 'Loading layer',
        id: hexOf(diffId).slice(0, 12),
        progressDetail: { current: layer.tarSize, total: layer.tarSize },
      });
    layers.push(layer);
  }
  return layers;
}
