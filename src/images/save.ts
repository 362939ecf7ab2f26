/**
 * `docker save`: an archive that is an OCI layout and also has manifest.json and repositories of Docker's
 * format, as Docker writes it since version 25.
 */
import { Readable } from 'node:stream';
import { fail } from '../errors.ts';
import type { Image } from '../model/image.ts';
import { idOf } from './config.ts';
import { hexOf, type LayerInfo } from './layers.ts';
import { findImage, type Images } from './lookup.ts';
import { canonical, familiar, familiarName, parseReference } from './reference.ts';
import { verified } from './spool.ts';
import { type ImageStore, layersOf } from './store.ts';
import type { Bytes } from './tar/bytes.ts';
import { encodeEntry, endOfArchive, padding, plainEntry } from './tar/writer.ts';

const mediaTypes = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
} as const;

interface Chosen {
  readonly image: Image;
  readonly tags: readonly string[];
}

/** Checks what can fail early before the stream is returned. */
export async function saveImages(store: ImageStore, references: readonly string[]): Promise<Readable> {
  const chosen = merge(references.flatMap((reference) => choose(store.records.view, reference)));
  const layers = new Map<string, LayerInfo>();
  for (const { image } of chosen)
    for (const layer of await layersOf(store, image, 'save')) layers.set(layer.chainId, layer);
  return Readable.from(archiveOf(store, chosen, layers), { objectMode: false });
}

/** The images of a name. Throws as `choose`. */
export const imagesNamed = (view: Images, asked: string): readonly Image[] =>
  choose(view, asked).map(({ image }) => image);

/** A repository without tag means all of its tags. Throws IMAGE_NOT_FOUND with the given name. */
function choose(view: Images, asked: string): Chosen[] {
  const reference = nameOnly(asked);
  const all = reference
    ? [...view.all('images')].flatMap((image) => {
        const tags = image.tags.filter((tag) => familiarName(parseReference(tag)) === reference);
        return tags.length > 0 ? [{ image, tags }] : [];
      })
    : [];
  if (all.length > 0) return all;
  const image = findImage(view, asked);
  if (!image) throw missing(asked);
  const tag = /^[^@]+:[^@]+$/.test(asked) && !asked.startsWith('sha256:') ? [familiarTag(asked)] : [];
  return [{ image, tags: tag.filter((name) => image.tags.includes(name)) }];
}

function missing(asked: string): Error {
  parseReference(asked.replace(/^sha256:/, ''));
  return fail('IMAGE_NOT_FOUND', asked);
}

const familiarTag = (asked: string): string => familiar(parseReference(asked));

function nameOnly(asked: string): string | undefined {
  try {
    const reference = parseReference(asked);
    return reference.tag || reference.digest ? undefined : familiarName(reference);
  } catch {
    return undefined;
  }
}

function merge(chosen: readonly Chosen[]): readonly Chosen[] {
  const byId = new Map<string, Chosen>();
  for (const { image, tags } of chosen)
    byId.set(image.id, { image, tags: [...new Set([...(byId.get(image.id)?.tags ?? []), ...tags])] });
  return [...byId.values()];
}

const blobName = (digest: string): string => `blobs/sha256/${hexOf(digest)}`;

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

async function* archiveOf(
  store: ImageStore,
  chosen: readonly Chosen[],
  layers: ReadonlyMap<string, LayerInfo>,
): Bytes & AsyncGenerator<Buffer, void> {
  yield encodeEntry(plainEntry('dir', 'blobs'));
  yield encodeEntry(plainEntry('dir', 'blobs/sha256'));
  const written = new Set<string>();
  const manifests: { readonly chosen: Chosen; readonly manifest: Buffer }[] = [];
  for (const one of chosen) {
    const config = await store.blobs.read(one.image.id);
    const manifest = manifestOf(one.image, config, layers);
    yield* file(blobName(one.image.id), config, Date.parse(one.image.created));
    yield* file(blobName(idOf(manifest)), manifest);
    for (const chainId of one.image.layers) {
      const layer = layers.get(chainId);
      if (!layer || written.has(layer.diffId)) continue;
      written.add(layer.diffId);
      yield encodeEntry({ ...plainEntry('file', blobName(layer.diffId)), size: layer.tarSize });
      yield* verified(store.layers.tar(chainId), layer.diffId);
      yield padding(layer.tarSize);
    }
    manifests.push({ chosen: one, manifest });
  }
  const ids = new Set(chosen.map(({ image }) => image.id));
  yield* file('oci-layout', json({ imageLayoutVersion: '1.0.0' }));
  yield* file('index.json', json(indexOf(manifests)));
  yield* file('manifest.json', json(chosen.map((one) => savedOf(one, ids))));
  yield* file('repositories', json(repositoriesOf(chosen)));
  yield endOfArchive;
}

/** `changed` is in milliseconds since the epoch, and fixed, so that archives are reproducible. */
function* file(name: string, content: Buffer, changed = 0): Generator<Buffer, void> {
  const mtime = String(Math.floor(changed / 1000) || 0);
  yield encodeEntry({ ...plainEntry('file', name), size: content.length, mtime });
  yield content;
  yield padding(content.length);
}

function manifestOf(image: Image, config: Buffer, layers: ReadonlyMap<string, LayerInfo>): Buffer {
  return json({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: { mediaType: mediaTypes.config, digest: image.id, size: config.length },
    layers: image.layers.map((chainId) => ({
      mediaType: mediaTypes.layer,
      digest: layers.get(chainId)?.diffId,
      size: layers.get(chainId)?.tarSize,
    })),
  });
}

function indexOf(manifests: readonly { readonly chosen: Chosen; readonly manifest: Buffer }[]): object {
  const described = manifests.flatMap(({ chosen, manifest }) => {
    const descriptor = { mediaType: mediaTypes.manifest, digest: idOf(manifest), size: manifest.length };
    if (chosen.tags.length === 0) return [descriptor];
    return chosen.tags.map((tag) => ({
      ...descriptor,
      annotations: {
        'io.containerd.image.name': canonical(parseReference(tag)),
        'org.opencontainers.image.ref.name': parseReference(tag).tag,
      },
    }));
  });
  return { schemaVersion: 2, mediaType: mediaTypes.index, manifests: described };
}

/** The parent is noted where it is in the archive too, as Docker. */
function savedOf({ image, tags }: Chosen, ids: ReadonlySet<string>): object {
  return {
    Config: blobName(image.id),
    ...(ids.has(image.parent) && { Parent: image.parent }),
    RepoTags: tags.length > 0 ? tags : null,
    Layers: image.diffIds.map(blobName),
  };
}

function repositoriesOf(chosen: readonly Chosen[]): Record<string, Record<string, string>> {
  const repositories: Record<string, Record<string, string>> = {};
  for (const { image, tags } of chosen)
    for (const name of tags) {
      const reference = parseReference(name);
      const repository = familiarName(reference);
      const top = image.diffIds.at(-1) ?? image.id;
      repositories[repository] = { ...repositories[repository], [reference.tag]: hexOf(top) };
    }
  return repositories;
}
