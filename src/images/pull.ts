/** `docker pull`, by skopeo. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { fail } from '../errors.ts';
import { idOf } from './config.ts';
import { discard } from './discard.ts';
import type { Images, Progress } from './images.ts';
import { hexOf } from './layers.ts';
import { manifestImage } from './load.ts';
import { parseManifest } from './manifest.ts';
import { parsePlatform } from './platform.ts';
import { pluginConfigType } from './plugin-config.ts';
import { familiar, familiarName, parseReference, type Reference, withDefaultTag } from './reference.ts';
import { accessOf, openRegistry } from './skopeo.ts';
import { partsOfFolder } from './spool.ts';
import { chainOf, type ImageStore, register } from './store.ts';

type PullOptions = Parameters<Images['pull']>[1];

/** Fetches the image for the platform and names it. Throws BAD_REQUEST, REGISTRY_... or IMAGE_INVALID. */
export async function pullImage(
  store: ImageStore,
  asked: string,
  options: PullOptions,
  progress: Progress,
): Promise<void> {
  const reference = withDefaultTag(parseReference(asked));
  const platform = parsePlatform(options.platform);
  const folder = join(store.folder, `.pull-${randomUUID()}`);
  try {
    const registry = await openRegistry(folder, reference, {
      platform,
      insecure: store.insecureRegistries(),
      ...accessOf(options),
    });
    // a digest wins over a tag; skopeo takes only one of them
    const top = await registry.manifest(reference.digest ? { ...reference, tag: '' } : reference);
    refusePlugin(top);
    const digest = idOf(top);
    const pinned: Reference = { ...reference, tag: '', digest };
    progress({ status: `Pulling from ${reference.path}`, id: reference.tag || reference.digest });
    const config = await registry.config(pinned);
    const isNew = !store.records.view.get('images', idOf(config));
    const names = namesOf(reference, digest);
    if (!isNew) await nameKnown(store, config, names);
    else {
      const fetch = (line: (text: string) => void): Promise<void> =>
        registry.copy(pinned, join(folder, 'image'), line);
      await fetchImage(store, { folder: join(folder, 'image'), config, names, fetch }, progress);
    }
    progress({ status: `Digest: ${digest}` });
    progress({ status: statusOf(isNew, reference) });
  } finally {
    await discard(folder, store.logger);
  }
}

function refusePlugin(top: Buffer): void {
  const manifest = parseManifest(top);
  if (manifest.kind === 'manifest' && manifest.config.mediaType === pluginConfigType)
    throw fail('REGISTRY_FAILED', `Encountered remote "${pluginConfigType}"(plugin) when fetching`);
}

interface Names {
  readonly tags: readonly string[];
  readonly digests: readonly string[];
}

/** An image pulled by digest gets no tag. */
function namesOf(reference: Reference, digest: string): Names {
  const tags = reference.digest ? [] : [familiar(reference)];
  return { tags, digests: [`${familiarName(reference)}@${digest}`] };
}

const statusOf = (isNew: boolean, reference: Reference): string =>
  `Status: ${isNew ? 'Downloaded newer image for' : 'Image is up to date for'} ${familiar(reference)}`;

async function nameKnown(store: ImageStore, file: Buffer, names: Names): Promise<void> {
  const layers = await Promise.all(chainOf(file).map(({ chainId }) => store.layers.find(chainId)));
  await register(store, { file, layers: layers.filter((layer) => layer !== undefined), ...names });
}

interface Fetch {
  readonly folder: string;
  readonly config: Buffer;
  readonly names: Names;
  readonly fetch: (line: (text: string) => void) => Promise<void>;
}

const short = (digest: string): string => hexOf(digest).slice(0, 12);

async function fetchImage(store: ImageStore, from: Fetch, progress: Progress): Promise<void> {
  await store.layers.keeping(async () => {
    const told = new Set<string>();
    await from.fetch((line) => reportCopy(line, idOf(from.config), told, progress));
    const parts = partsOfFolder(from.folder);
    const manifest = parseManifest(await parts.text('manifest.json'));
    if (manifest.kind !== 'manifest') throw fail('IMAGE_INVALID', 'the registry sent an index for an image');
    const made = await manifestImage(store, parts, { manifest, nameOfBlob: hexOf, progress: () => {} });
    for (const { digest } of manifest.layers)
      progress({ status: 'Pull complete', progressDetail: {}, id: short(digest) });
    await register(store, { ...made, ...from.names });
  });
}

/** skopeo prints `Copying blob sha256:... done` for each layer, in older versions without `done`. */
function reportCopy(line: string, configId: string, told: Set<string>, progress: Progress): void {
  const digest = /^Copying blob (sha256:[0-9a-f]{64})/.exec(line)?.[1];
  if (!digest || digest === configId || told.has(digest)) return;
  told.add(digest);
  progress({ status: 'Pulling fs layer', progressDetail: {}, id: short(digest) });
}
