/** The parts that all verbs of the image store use, and the registration of new images. */
import { fail } from '../errors.ts';
import type { Image } from '../model/image.ts';
import type { Logger } from '../observe/logger.ts';
import type { Blobs } from './blobs.ts';
import { imageOf, parseConfig } from './config.ts';
import type { ImageRecords } from './images.ts';
import { chainIdOf, type LayerInfo, type Layers } from './layers.ts';
import { nameImage } from './lookup.ts';
import type { Roots } from './roots.ts';
import type { TakeTurn } from './turns.ts';

export interface ImageStore {
  /** `<data root>/images`. */
  readonly folder: string;
  readonly layers: Layers;
  readonly blobs: Blobs;
  readonly roots: Roots;
  readonly records: ImageRecords;
  readonly logger: Pick<Logger, 'warn'>;
  /** RFC 3339, UTC. */
  readonly now: () => string;
  /** Current hosts (with port) of `--insecure-registry`. */
  readonly insecureRegistries: () => readonly string[];
  /** Serialises changes of the records and their files. */
  readonly turn: TakeTurn;
}

export interface NewImage {
  /** The configuration file. */
  readonly file: Buffer;
  /** Its unpacked layers, lowest first. */
  readonly layers: readonly LayerInfo[];
  /** Normalised names, `busybox:latest`. */
  readonly tags: readonly string[];
  readonly digests?: readonly string[];
  readonly parent?: string;
}

/** Writes the configuration and the record. An existing image gets the names. */
export async function register(store: ImageStore, made: NewImage): Promise<Image> {
  const id = await store.blobs.write(made.file);
  const fresh = { ...imageOf(made.file, made.layers), parent: made.parent ?? '' };
  return store.turn(async () => {
    const names = { tags: made.tags, digests: made.digests ?? [] };
    await store.records.transact((view) => nameImage(view, fresh, names));
    return store.records.view.get('images', id) ?? fresh;
  });
}

/** Chain ids of an image's layers, lowest first. */
export function chainOf(file: Buffer): readonly { readonly chainId: string; readonly diffId: string }[] {
  let parent = '';
  return parseConfig(file).rootfs.diff_ids.map((diffId) => {
    parent = chainIdOf(parent, diffId);
    return { chainId: parent, diffId };
  });
}

/** An image's layers, lowest first. Throws RUNTIME_FAILED with `doing` for a missing one. */
export async function layersOf(
  store: ImageStore,
  image: Pick<Image, 'id' | 'layers'>,
  doing: string,
): Promise<readonly LayerInfo[]> {
  const layers: LayerInfo[] = [];
  for (const chainId of image.layers) {
    const layer = await store.layers.find(chainId);
    if (!layer) throw fail('RUNTIME_FAILED', `${doing} ${image.id}`, `its layer ${chainId} is not there`);
    layers.push(layer);
  }
  return layers;
}

/** Chain ids of the layers of images and containers' roots. */
export async function usedLayers(store: ImageStore): Promise<ReadonlySet<string>> {
  const used = new Set(await store.roots.usedLayers());
  for (const image of store.records.view.all('images')) for (const layer of image.layers) used.add(layer);
  return used;
}
