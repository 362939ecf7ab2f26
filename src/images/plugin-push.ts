/** `docker plugin push`: lays the image out with compressed layers, and skopeo sends what the registry lacks. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { fail, messageOf } from '../errors.ts';
import { idOf } from './config.ts';
import type { Progress } from './images.ts';
import { hexOf } from './layers.ts';
import { pluginConfigType } from './plugin-config.ts';
import { familiarName, type Reference } from './reference.ts';
import type { Registry } from './skopeo.ts';
import { verified } from './spool.ts';
import { type ImageStore, layersOf } from './store.ts';

/** Docker's types for plugins; old registries refuse others. */
const mediaTypes = {
  manifest: 'application/vnd.docker.distribution.manifest.v2+json',
  layer: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
} as const;

interface Push {
  readonly content: { readonly file: string; readonly layers: readonly string[] };
  readonly reference: Reference;
  readonly registry: Registry;
  /** Folder for the image's files, made here. */
  readonly folder: string;
}

/** Throws REGISTRY_FAILED. */
export async function pushPlugin(store: ImageStore, push: Push, progress: Progress): Promise<void> {
  const { reference, registry, folder } = push;
  progress({ status: `The push refers to repository [${familiarName(reference)}]` });
  const { manifest, digests } = await layOut(store, push);
  const digest = idOf(manifest);
  const all = [digest, ...digests];
  for (const one of all) report(progress, 'Preparing', one);
  try {
    await registry.push(folder, reference, () => undefined);
  } catch (thrown) {
    throw fail('REGISTRY_FAILED', `error pushing plugin: ${messageOf(thrown)}`);
  }
  for (const one of all) report(progress, 'Upload complete', one);
  progress({ progressDetail: {}, aux: { Tag: reference.tag, Digest: digest, Size: manifest.length } });
}

const report = (progress: Progress, status: string, digest: string): void =>
  progress({ status, progressDetail: {}, id: hexOf(digest).slice(0, 12) });

interface LaidOut {
  readonly manifest: Buffer;
  /** Digests of the layers and of the configuration. */
  readonly digests: readonly string[];
}

/** Writes a folder in skopeo's `dir:` format: the manifest, and blobs by their hex digests. */
async function layOut(store: ImageStore, { content, folder }: Push): Promise<LaidOut> {
  const { layers } = content;
  const file = Buffer.from(content.file);
  await mkdir(folder);
  const config = { mediaType: pluginConfigType, digest: idOf(file), size: file.length };
  await writeFile(join(folder, hexOf(config.digest)), file);
  const blobs: { mediaType: string; digest: string; size: number }[] = [];
  for (const { chainId, diffId } of await layersOf(store, { id: config.digest, layers }, 'push')) {
    const tar = Readable.from(verified(store.layers.tar(chainId), diffId), { objectMode: false });
    blobs.push({ mediaType: mediaTypes.layer, ...(await compress(tar, folder)) });
  }
  const manifest = Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.manifest, config, layers: blobs }),
  );
  await writeFile(join(folder, 'manifest.json'), manifest);
  await writeFile(join(folder, 'version'), 'Directory Transport Version: 1.1\n');
  return { manifest, digests: [...blobs.map(({ digest }) => digest), config.digest] };
}

/** Compresses the tar into a file named by its digest. */
async function compress(tar: Readable, folder: string): Promise<{ digest: string; size: number }> {
  const request = join(folder, '.layer');
  const hash = createHash('sha256');
  const gzip = createGzip();
  gzip.on('data', (piece: Buffer) => hash.update(piece));
  await pipeline(tar, gzip, createWriteStream(request));
  const hex = hash.digest('hex');
  await rename(request, join(folder, hex));
  return { digest: `sha256:${hex}`, size: (await stat(join(folder, hex))).size };
}
