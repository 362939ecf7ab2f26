/** Opens the image store. */
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { inTheEnd } from '../files/in-the-end.ts';
import { ensureFolder, modes } from '../kernel/files/ensure-folder.ts';
import { removeTree } from '../kernel/files/remove-tree.ts';
import { bytesIn } from '../kernel/files/walk-tree.ts';
import type { Logger } from '../observe/logger.ts';
import { openBlobs } from './blobs.ts';
import { ensureBusybox, meansBuiltIn, orBuiltIn } from './built-in.ts';
import { commitUpper } from './commit.ts';
import { changesOf } from './diff.ts';
import { lookUp } from './distribution.ts';
import type { ImageRecords, Images } from './images.ts';
import { importArchive } from './import.ts';
import { names, openLayers } from './layers.ts';
import { loadArchive } from './load.ts';
import { findImage, getImage, nameImage } from './lookup.ts';
import type { Mounting } from './overlay-mount.ts';
import { pluginImages } from './plugins.ts';
import { pullImage } from './pull.ts';
import { pushImage } from './push.ts';
import { parseTag } from './reference.ts';
import { planRemoval, type Removal } from './remove.ts';
import { openRoots } from './roots.ts';
import { imagesNamed, saveImages } from './save.ts';
import { signInAt } from './sign-in.ts';
import { type ImageStore, usedLayers } from './store.ts';
import { inTurns } from './turns.ts';

export interface ImagesOptions {
  /** The engine's data root; `images` and `roots` are made in it. */
  readonly root: string;
  readonly records: ImageRecords;
  readonly kernel: Mounting;
  readonly logger: Logger;
  /** RFC 3339, UTC. */
  readonly now: () => string;
  /** Registries (host with port) whose certificate need not be valid. */
  readonly insecureRegistries?: () => readonly string[];
}

/** Makes the data root; everything else is made when first needed. */
export function openImages(options: ImagesOptions): Images {
  const store = openStoreParts(options);
  return {
    ...namedVerbs(store),
    ...archiveVerbs(store),
    ...rootVerbs(store),
    plugins: pluginImagesOf(store),
    prune: () => prune(store),
    sweep: (ids) => sweep(store, ids),
  };
}

const prune = (store: ImageStore): Promise<void> => store.layers.prune(() => usedLayers(store));

/** Prunes without failing the caller, whose work is done. */
const pruneInTheEnd = (store: ImageStore): Promise<void> =>
  inTheEnd(() => prune(store), { doing: 'removing layers', logger: store.logger });

/** Removes layers that were unpacked for an image that could not be made. */
const orPrune = <T>(store: ImageStore, work: () => Promise<T>): Promise<T> =>
  work().catch(async (thrown: unknown) => {
    await pruneInTheEnd(store);
    throw thrown;
  });

const namedVerbs = (
  store: ImageStore,
): Pick<Images, 'find' | 'get' | 'named' | 'tag' | 'remove' | 'ensureBusybox' | 'provide'> => ({
  find: (reference) => findImage(store.records.view, reference),
  get: (reference) => getImage(store.records.view, reference),
  named: (reference) => imagesNamed(store.records.view, reference),
  tag: (image, reference) => tag(store, image, reference),
  remove: async (reference, request) => {
    const { report, deleted } = await remove(store, reference, request);
    // the image is gone even if its files cannot be removed
    for (const { id } of deleted)
      await inTheEnd(() => dropBlob(store, id), { doing: `removing ${id}`, logger: store.logger });
    await pruneInTheEnd(store);
    return report;
  },
  ensureBusybox: () => ensureBusybox(store),
  provide: async (reference) => {
    if (meansBuiltIn(reference)) await ensureBusybox(store);
  },
});

const archiveVerbs = (
  store: ImageStore,
): Pick<Images, 'import' | 'load' | 'save' | 'pull' | 'push' | 'lookUp' | 'signIn'> => ({
  import: (archive, request) => importArchive(store, archive, request),
  load: (archive, progress) => orPrune(store, () => loadArchive(store, archive, progress)),
  save: (references) => saveImages(store, references),
  pull: (reference, request, progress) =>
    orPrune(store, () => pullImage(store, reference, request, progress)).catch((thrown: unknown) =>
      orBuiltIn(store, { reference, thrown, progress }),
    ),
  push: (reference, request, progress) => pushImage(store, reference, request, progress),
  lookUp: (reference, request) => lookUp(store, reference, request),
  signIn: (address, auth) => signInAt(store, address, auth),
});

type RootVerb =
  | ('mountRoot' | 'unmountRoot' | 'rootFolders' | 'removeRoot' | 'withRoot')
  | ('changes' | 'commitRoot' | 'rootSize');

function rootVerbs(store: ImageStore): Pick<Images, RootVerb> {
  const { roots, layers } = store;
  return {
    mountRoot: (id, image) => layers.keeping(() => roots.mount(id, image)),
    unmountRoot: (id) => roots.unmount(id),
    rootFolders: (id, image) => ({
      ...roots.folders(id),
      lower: (image?.layers ?? []).map((chainId) => layers.folder(chainId)).toReversed(),
    }),
    removeRoot: (id) => roots.remove(id),
    withRoot: (id, image, use) => roots.with(id, image, use),
    async changes(id, image) {
      const upper = roots.upper(id);
      return upper ? roots.withImage(image, (below) => changesOf(upper, below)) : [];
    },
    async commitRoot(id, image, request) {
      if (!roots.upper(id)) await roots.with(id, image, async () => {});
      return commitUpper(store, roots.upper(id) ?? '', image, request);
    },
    async rootSize(id, image) {
      const upper = roots.upper(id);
      const rw = upper ? await bytesIn(upper) : 0;
      return { rw, rootFs: rw + image.size };
    },
  };
}

/** Removes leftovers of interrupted work and roots of containers that are not among `ids`. One failure stops no other. */
async function sweep(store: ImageStore, ids: ReadonlySet<string>): Promise<void> {
  const told = (what: string) => (error: unknown) => store.logger.warn(`removing ${what}`, { error });
  await removeLeftovers(store.folder).catch(told('what a load, pull or push has left'));
  for (const id of await store.roots.list())
    if (!ids.has(id)) await store.roots.remove(id).catch(told(`the root ${id}`));
  await sweepBlobs(store).catch(told('configurations of images'));
  await prune(store).catch(told('layers'));
}

/** Removes layers of a plugin that could not be made. */
function pluginImagesOf(store: ImageStore): Images['plugins'] {
  const plugins = pluginImages(store);
  return {
    ...plugins,
    build: (archive, request) => orPrune(store, () => plugins.build(archive, request)),
    pull: (reference, request, progress) => orPrune(store, () => plugins.pull(reference, request, progress)),
  };
}

function openStoreParts(options: ImagesOptions): ImageStore {
  ensureFolder(options.root, modes.closed);
  const root = realpathSync(options.root); // the kernel lists mounts by their real paths
  const folder = join(root, 'images');
  for (const name of ['images', 'roots']) ensureFolder(join(root, name), modes.closed);
  const layers = openLayers(folder, options.logger);
  return {
    folder,
    layers,
    blobs: openBlobs(folder),
    roots: openRoots(join(root, 'roots'), {
      ...{ images: folder, layers, kernel: options.kernel, logger: options.logger },
    }),
    logger: options.logger,
    records: options.records,
    now: options.now,
    insecureRegistries: options.insecureRegistries ?? (() => []),
    turn: inTurns(),
  };
}

async function tag(store: ImageStore, asked: string, reference: string): Promise<void> {
  const name = parseTag(reference);
  await store.turn(async () => {
    await store.records.transact((view) => nameImage(view, getImage(view, asked), { tags: [name] }));
  });
}

async function remove(
  store: ImageStore,
  reference: string,
  request: Parameters<Images['remove']>[1],
): Promise<Pick<Removal, 'report' | 'deleted'>> {
  const removal = { ...request, reference, noPrune: request.noPrune ?? false };
  return store.turn(() => store.records.keep((view) => planRemoval(view, removal)));
}

/** Keeps the blob if the same image was made again meanwhile. */
const dropBlob = (store: ImageStore, id: string): Promise<void> =>
  store.turn(async () => {
    if (!store.records.view.get('images', id)) await store.blobs.remove(id);
  });

/** Removes the folders of loads, pulls and pushes that the engine's end interrupted. */
async function removeLeftovers(folder: string): Promise<void> {
  const left = (await names(folder)).filter((name) => /^\.(?:load|pull|push|sign-in)-/.test(name));
  for (const name of left) await removeTree(join(folder, name));
}

async function sweepBlobs(store: ImageStore): Promise<void> {
  for (const digest of await store.blobs.list())
    if (!store.records.view.get('images', digest)) await store.blobs.remove(digest);
}
