/** `docker push`, by skopeo: lays the image out, and skopeo compresses and sends what the registry lacks. */
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fail } from '../errors.ts';
import type { Image } from '../model/image.ts';
import { idOf } from './config.ts';
import { discard } from './discard.ts';
import type { Images, Progress } from './images.ts';
import { hexOf } from './layers.ts';
import { nameImage } from './lookup.ts';
import { parsePlatform } from './platform.ts';
import { canonical, familiar, familiarName, parseReference, type Reference } from './reference.ts';
import { accessOf, openRegistry, type Registry } from './skopeo.ts';
import { verified } from './spool.ts';
import { type ImageStore, layersOf } from './store.ts';

type PushOptions = Parameters<Images['push']>[1];

/** Docker's types (distribution, "Image Manifest Version 2, Schema 2"). */
const mediaTypes = {
  manifest: 'application/vnd.docker.distribution.manifest.v2+json',
  config: 'application/vnd.docker.container.image.v1+json',
  layer: 'application/vnd.docker.image.rootfs.diff.tar',
} as const;

/**
 * Pushes the tag, or all tags of the repository where none is named. Throws BAD_REQUEST, REGISTRY_...; for a missing
 * image REGISTRY_NOT_FOUND in Docker's words.
 */
export async function pushImage(
  store: ImageStore,
  asked: string,
  options: PushOptions,
  progress: Progress,
): Promise<void> {
  const reference = parseReference(asked);
  if (reference.digest) throw fail('BAD_REQUEST', 'cannot push a digest reference');
  progress({ status: `The push refers to repository [${canonical({ ...reference, tag: '' })}]` });
  const folder = join(store.folder, `.push-${randomUUID()}`);
  try {
    const registry = await openRegistry(folder, reference, {
      platform: parsePlatform(''),
      insecure: store.insecureRegistries(),
      ...accessOf(options),
    });
    for (const { tag, image } of chosen(store, reference)) {
      const from = join(folder, hexOf(image.id));
      // keeps the layers while they are read
      const pushed = await store.layers.keeping(() =>
        push(store, { image, from, to: { ...reference, tag }, registry }, progress),
      );
      await discard(from, store.logger);
      options.onPushed(familiar({ ...reference, tag }));
      progress({ status: `${tag}: digest: ${pushed.digest} size: ${pushed.size}` });
      progress({ progressDetail: {}, aux: { Tag: tag, Digest: pushed.digest, Size: pushed.size } });
    }
  } finally {
    await discard(folder, store.logger);
  }
}

interface Chosen {
  readonly tag: string;
  readonly image: Image;
}

function chosen(store: ImageStore, reference: Reference): readonly Chosen[] {
  const repository = familiarName(reference);
  const all = [...store.records.view.all('images')].flatMap((image) =>
    image.tags
      .map((name) => parseReference(name))
      .filter((name) => familiarName(name) === repository)
      .map(({ tag }) => ({ tag, image })),
  );
  if (all.length === 0)
    throw fail('REGISTRY_NOT_FOUND', `An image does not exist locally with the tag: ${repository}`);
  const wanted = reference.tag ? all.filter(({ tag }) => tag === reference.tag) : all;
  if (wanted.length === 0) throw fail('REGISTRY_NOT_FOUND', `tag does not exist: ${familiar(reference)}`);
  return wanted.toSorted((a, b) => (a.tag < b.tag ? -1 : 1));
}

interface Push {
  readonly image: Image;
  /** The folder for its layout. */
  readonly from: string;
  readonly to: Reference;
  readonly registry: Registry;
}

/** The pushed manifest: digest and size in bytes. */
interface Pushed {
  readonly digest: string;
  readonly size: number;
}

async function push(store: ImageStore, work: Push, progress: Progress): Promise<Pushed> {
  const { image, from, to, registry } = work;
  const report = (status: string, digest: string): void =>
    progress({ status, progressDetail: {}, id: hexOf(digest).slice(0, 12) });
  for (const diffId of image.diffIds.toReversed()) report('Preparing', diffId);
  await layOut(store, image, from);
  const layers = new Set(image.diffIds);
  const there = new Set<string>();
  await registry.push(from, to, (line) => {
    const { digest = '', skipped } =
      /^Copying blob (?<digest>sha256:\w+)(?<skipped> skipped)?/.exec(line)?.groups ?? {};
    if (!layers.has(digest) || there.has(digest)) return;
    if (skipped) there.add(digest);
    report(skipped ? 'Layer already exists' : 'Pushing', digest);
  });
  for (const diffId of layers) if (!there.has(diffId)) report('Pushed', diffId);
  const manifest = await registry.manifest(to);
  const digest = idOf(manifest);
  await store.turn(async () => {
    const names = { digests: [`${familiarName(to)}@${digest}`] };
    await store.records.transact((view) => nameImage(view, image, names));
  });
  return { digest, size: manifest.length };
}

/** Writes a folder in skopeo's `dir:` format: the manifest, and blobs by their hex digests. */
async function layOut(store: ImageStore, image: Image, folder: string): Promise<void> {
  await mkdir(folder);
  const config = await store.blobs.read(image.id);
  const layers = await layersOf(store, image, 'push');
  for (const { chainId, diffId } of layers) {
    const tar = Readable.from(verified(store.layers.tar(chainId), diffId), { objectMode: false });
    await pipeline(tar, createWriteStream(join(folder, hexOf(diffId))));
  }
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: { mediaType: mediaTypes.config, size: config.length, digest: image.id },
    layers: layers.map(({ diffId, tarSize }) => ({
      mediaType: mediaTypes.layer,
      size: tarSize,
      digest: diffId,
    })),
  };
  await writeFile(join(folder, hexOf(image.id)), config);
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
  await writeFile(join(folder, 'version'), 'Directory Transport Version: 1.1\n');
}
