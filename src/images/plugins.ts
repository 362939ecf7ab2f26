/** Images of plugins: built, pulled and pushed. They have layers like other images, but no image record. */
import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { fail, hasCode, messageOf } from '../errors.ts';
import type { PluginConfig } from '../model/plugin.ts';
import { idOf } from './config.ts';
import { discard } from './discard.ts';
import type { PluginContent, PluginImages, Progress, RegistryAccess } from './images.ts';
import { hexOf, type LayerInfo } from './layers.ts';
import { parseManifest } from './manifest.ts';
import { parsePlatform } from './platform.ts';
import { readPluginArchive } from './plugin-archive.ts';
import { encodePluginConfig, parsePluginConfig, pluginConfigType } from './plugin-config.ts';
import { pushPlugin } from './plugin-push.ts';
import { canonical, familiarName, type Reference } from './reference.ts';
import { accessOf, openRegistry, type Registry } from './skopeo.ts';
import { partsOfFolder, verified } from './spool.ts';
import type { ImageStore } from './store.ts';
import { whole } from './whole.ts';

export function pluginImages(store: ImageStore): PluginImages {
  return {
    build: (archive, options) => store.layers.keeping(() => build(store, archive, options)),
    look: (reference, access) =>
      withRegistry(store, { reference, ...access }, async ({ registry }) => {
        const { config } = await find(registry, reference);
        if (config) return parsePluginConfig(config);
        throw noPlugin(reference);
      }),
    pull: (reference, options, progress) =>
      store.layers.keeping(() =>
        withRegistry(store, { reference, ...options }, (at) =>
          pull(store, { ...at, ...options, reference }, progress),
        ),
      ),
    push: (content, { reference, ...access }, progress) =>
      store.layers.keeping(() =>
        withRegistry(store, { reference, ...access }, ({ registry, folder }) =>
          pushPlugin(store, { content, reference, registry, folder: join(folder, 'image') }, progress),
        ),
      ),
  };
}

async function build(
  store: ImageStore,
  archive: AsyncIterable<Buffer>,
  { root, version }: { readonly root: string; readonly version: string },
): Promise<PluginContent> {
  const read = readPluginArchive(archive);
  const layer = await store.layers.add(read.layer, { parent: '' }).catch((thrown: unknown) => {
    if (!hasCode(thrown, 'IMAGE_INVALID')) throw thrown;
    const why = messageOf(thrown).replace(/^invalid tar header/, 'archive/tar: $&');
    throw fail('PLUGIN_INVALID', `failed to read from tar: ${why}`);
  });
  const asked = read.config();
  if (!asked) throw fail('PLUGIN_INVALID', 'config not found');
  const config: PluginConfig = {
    ...parsePluginConfig(asked),
    DockerVersion: version,
    rootfs: { diff_ids: [layer.diffId], type: 'layers' },
  };
  const ordered = parsePluginConfig(Buffer.from(encodePluginConfig(config)));
  return await withRoot(store, root, {
    config: ordered,
    file: encodePluginConfig(ordered),
    layers: [layer.chainId],
  });
}

/** Makes the root, which keeps the layers from being pruned. */
async function withRoot(store: ImageStore, root: string, content: PluginContent): Promise<PluginContent> {
  await store.roots.mount(root, { id: root, layers: content.layers });
  await store.roots.unmount(root);
  return content;
}

interface At {
  readonly registry: Registry;
  /** Temporary folder. */
  readonly folder: string;
}

async function withRegistry<T>(
  store: ImageStore,
  { reference, ...access }: RegistryAccess & { readonly reference: Reference },
  work: (at: At) => Promise<T>,
): Promise<T> {
  const folder = join(store.folder, `.pull-${randomUUID()}`);
  try {
    const registry = await openRegistry(folder, reference, {
      platform: parsePlatform(''),
      insecure: store.insecureRegistries(),
      ...accessOf(access),
    });
    return await work({ registry, folder });
  } finally {
    await discard(folder, store.logger);
  }
}

const noPlugin = (reference: Reference): Error =>
  fail('PLUGIN_INVALID', `did not find plugin config for specified reference ${canonical(reference)}`);

interface Found {
  readonly pinned: Reference;
  /** Undefined where the image is no plugin. */
  readonly config: Buffer | undefined;
}

/** Throws in Docker's words where the registry has no such name, or cannot be reached. */
async function find(registry: Registry, reference: Reference): Promise<Found> {
  try {
    const top = await registry.manifest(reference.digest ? { ...reference, tag: '' } : reference);
    const pinned: Reference = { ...reference, tag: '', digest: idOf(top) };
    const manifest = parseManifest(top);
    if (manifest.kind === 'manifest' && manifest.config.mediaType !== pluginConfigType)
      return { pinned, config: undefined };
    return { pinned, config: await registry.config(pinned) };
  } catch (thrown) {
    if (hasCode(thrown, 'REGISTRY_NOT_FOUND'))
      throw fail(
        'REGISTRY_NOT_FOUND',
        `error resolving plugin reference: ${canonical(reference)}: not found`,
      );
    if (!hasCode(thrown, 'REGISTRY_FAILED')) throw thrown;
    throw fail('REGISTRY_FAILED', `error resolving plugin reference: ${whyUnreachable(thrown, reference)}`);
  }
}

/** The message for a registry that does not answer, in Docker's words. */
function whyUnreachable(thrown: unknown, { domain, path, tag, digest }: Reference): string {
  const why = messageOf(thrown);
  const dial = /dial (?:tcp|unix) .*$/.exec(why)?.[0];
  const url = `https://${domain}/v2/${path}/manifests/${digest || tag}`;
  return dial === undefined ? why : `failed to do request: Head "${url}": ${dial}`;
}

interface Pull extends At {
  readonly reference: Reference;
  readonly root: string;
  readonly accept: (config: PluginConfig) => void;
}

async function pull(store: ImageStore, from: Pull, progress: Progress): Promise<PluginContent> {
  const { reference, registry, accept, root } = from;
  const { pinned, config: file } = await find(registry, reference);
  if (!file) throw noPlugin(reference);
  const config = parsePluginConfig(file);
  progress({ status: `Pulling from ${familiarName(reference)}`, id: reference.tag || 'latest' });
  progress({ status: `Digest: ${pinned.digest}` });
  accept(config);
  const folder = join(from.folder, 'image');
  await registry.copy(pinned, folder, () => undefined);
  const layers = await addLayers(store, folder, progress);
  return await withRoot(store, root, {
    config,
    file: file.toString('utf8'),
    layers: layers.map(({ chainId }) => chainId),
  });
}

/** Unpacks without expected diff ids: those of a plugin's configuration are digests of compressed layers. */
async function addLayers(
  store: ImageStore,
  folder: string,
  progress: Progress,
): Promise<readonly LayerInfo[]> {
  const parts = partsOfFolder(folder);
  const manifest = parseManifest(await parts.text('manifest.json'));
  if (manifest.kind !== 'manifest') throw fail('IMAGE_INVALID', 'the registry sent an index for a plugin');
  const layers: LayerInfo[] = [];
  for (const { digest } of manifest.layers) {
    const report = (status: string): void =>
      progress({ status, progressDetail: {}, id: hexOf(digest).slice(0, 12) });
    report('Extracting');
    const blob = createReadStream(parts.path(hexOf(digest)), { highWaterMark: 1 << 18 });
    const parent = layers.at(-1)?.chainId ?? '';
    const tar = whole(verified(blob as AsyncIterable<Buffer>, digest));
    layers.push(await store.layers.add(tar, { parent, isWhole: true }));
    report('Complete');
  }
  return layers;
}
