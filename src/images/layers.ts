/**
 * The layers on disk, each unpacked once and shared by all images that have it:
 *
 *     images/layers/<hex of chain id>/diff         the files, as overlayfs takes them
 *     images/layers/<hex of chain id>/recipe       how to write the tar again (recipe.ts)
 *     images/layers/<hex of chain id>/layer.json   diff id and size; written last
 *     images/l/<short>                             a link to it: mount data is limited to a page
 *
 * A layer is published by one rename, so that it is complete or absent. The image records and the containers'
 * roots tell which layers are in use, without counters.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, hasCode } from '../errors.ts';
import { hasNames, putAside, readJson } from '../files/damaged.ts';
import type { InTheEnd } from '../files/in-the-end.ts';
import { writeWhole } from '../files/write-whole.ts';
import { modes } from '../kernel/files/ensure-folder.ts';
import { removeTree } from '../kernel/files/remove-tree.ts';
import { hasErrno } from '../system-error.ts';
import { discard } from './discard.ts';
import { followRecipe } from './recipe.ts';
import type { Bytes } from './tar/bytes.ts';
import { type Unpacked, unpackLayer } from './unpack.ts';

export interface LayerInfo {
  readonly chainId: string;
  readonly diffId: string;
  /** Bytes of its files. */
  readonly size: number;
  /** Bytes of its tar. */
  readonly tarSize: number;
}

export interface NewLayer {
  /** Chain id of the layer below, '' for none. */
  readonly parent: string;
  /** The expected diff id if known; a layer with another one is refused. */
  readonly diffId?: string;
  /** The archive around it, or a digest, proves that nothing is cut off. */
  readonly isWhole?: boolean;
}

export interface Layers {
  /** Undefined for a missing layer. */
  find(chainId: string): Promise<LayerInfo | undefined>;
  /** Chain ids of all layers. */
  list(): Promise<readonly string[]>;
  /** Unpacks an uncompressed tar. Throws IMAGE_INVALID and leaves nothing behind. */
  add(tar: Bytes, layer: NewLayer): Promise<LayerInfo>;
  /** The folder of its files. */
  folder(chainId: string): string;
  /** Short name of a link in `images/l` that leads to the folder of its files. */
  link(chainId: string): Promise<string>;
  /** Its tar, byte for byte. */
  tar(chainId: string): Bytes;
  /** No layer is removed while `work` runs, because those that it adds are in no record yet. */
  keeping<T>(work: () => Promise<T>): Promise<T>;
  /** Removes the layers that are not among `used`, which is called when no layers are being added. */
  prune(used: () => Promise<ReadonlySet<string>>): Promise<void>;
}

const temporary = '.tmp-';

/** Chain id (OCI image-spec, config.md, "Layer ChainID"). */
export function chainIdOf(parent: string, diffId: string): string {
  if (!parent) return diffId;
  return `sha256:${createHash('sha256').update(`${parent} ${diffId}`).digest('hex')}`;
}

/** Hex of a `sha256:` digest; throws IMAGE_INVALID for anything else, so that it may be a file's name. */
export function hexOf(digest: string): string {
  const hex = /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1];
  if (!hex) throw fail('IMAGE_INVALID', `invalid digest ${JSON.stringify(digest)}`);
  return hex;
}

/** The layers below `folder`, which is made when first needed. */
export function openLayers(folder: string, logger: InTheEnd['logger']): Layers {
  return new LayerStore(folder, logger);
}

class LayerStore implements Layers {
  readonly #layers: string;
  readonly #links: string;
  readonly #logger: InTheEnd['logger'];
  #working = 0;
  #pruning: Promise<void> | undefined;
  #pruneLater: (() => Promise<ReadonlySet<string>>) | undefined;

  constructor(folder: string, logger: InTheEnd['logger']) {
    this.#logger = logger;
    this.#layers = join(folder, 'layers');
    this.#links = join(folder, 'l');
  }

  #home(chainId: string): string {
    return join(this.#layers, hexOf(chainId));
  }

  folder(chainId: string): string {
    return join(this.#home(chainId), 'diff');
  }

  tar(chainId: string): Bytes {
    return followRecipe(join(this.#home(chainId), 'recipe'), this.folder(chainId));
  }

  async find(chainId: string): Promise<LayerInfo | undefined> {
    const path = join(this.#home(chainId), 'layer.json');
    try {
      const known = await readJson(path, hasNames<Unpacked>('diffId', 'size', 'tarSize'));
      return known && { ...known, chainId };
    } catch (thrown) {
      // set aside, so that the layer counts as missing and the image can be loaded or pulled again
      if (hasCode(thrown, 'FILE_DAMAGED')) putAside(path);
      throw thrown;
    }
  }

  async add(tar: Bytes, layer: NewLayer): Promise<LayerInfo> {
    const work = join(this.#layers, temporary + randomUUID());
    try {
      await mkdir(work, { recursive: true, mode: modes.closed });
      await mkdir(join(work, 'diff'), { mode: 0o755 });
      const to = { folder: join(work, 'diff'), recipe: join(work, 'recipe') };
      const endMark = layer.diffId || layer.isWhole ? 'optional' : 'required';
      const unpacked = await unpackLayer(tar, { ...to, endMark });
      const { diffId } = unpacked;
      if (layer.diffId && layer.diffId !== diffId)
        throw fail('IMAGE_INVALID', `layer verification failed for digest ${layer.diffId}: it is ${diffId}`);
      await writeWhole(join(work, 'layer.json'), JSON.stringify(unpacked));
      const chainId = chainIdOf(layer.parent, diffId);
      await this.#publish(work, chainId);
      return { ...unpacked, chainId };
    } finally {
      await discard(work, this.#logger);
    }
  }

  /** An existing layer of that id is the same and stays, unless it is damaged. */
  async #publish(work: string, chainId: string): Promise<void> {
    try {
      await rename(work, this.#home(chainId));
    } catch (thrown) {
      if (!hasErrno(thrown, 'ENOTEMPTY', 'EEXIST')) throw thrown;
      if (await this.find(chainId)) return;
      await this.#removeOne(hexOf(chainId));
      await rename(work, this.#home(chainId));
    }
  }

  async list(): Promise<readonly string[]> {
    const all = await names(this.#layers);
    return all.filter((name) => /^[0-9a-f]{64}$/.test(name)).map((hex) => `sha256:${hex}`);
  }

  async link(chainId: string): Promise<string> {
    const target = join('..', 'layers', hexOf(chainId), 'diff');
    await mkdir(this.#links, { recursive: true });
    for (let length = 8; length <= 64; length += 4) {
      const name = hexOf(chainId).slice(0, length);
      try {
        await symlink(target, join(this.#links, name));
        return name;
      } catch (thrown) {
        if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown;
      }
      if ((await readlink(join(this.#links, name))) === target) return name;
    }
    throw fail('BUG', `no name for a link to the layer ${chainId}`);
  }

  async keeping<T>(work: () => Promise<T>): Promise<T> {
    while (this.#pruning) await this.#pruning;
    this.#working++;
    try {
      return await work();
    } finally {
      this.#working--;
      const later = this.#pruneLater;
      if (later) await this.prune(later);
    }
  }

  async prune(used: () => Promise<ReadonlySet<string>>): Promise<void> {
    while (this.#pruning) await this.#pruning;
    this.#pruneLater = this.#working > 0 ? used : undefined;
    if (this.#pruneLater) return;
    this.#pruning = used().then((wanted) => this.#removeUnused(wanted));
    try {
      await this.#pruning;
    } finally {
      this.#pruning = undefined;
    }
  }

  async #removeUnused(used: ReadonlySet<string>): Promise<void> {
    const wanted = new Set([...used].map(hexOf));
    const failures: unknown[] = [];
    for (const name of await names(this.#layers))
      if (!wanted.has(name)) await this.#removeOne(name).catch((error) => failures.push(error));
    for (const name of await names(this.#links)) {
      const hex = (await readlink(join(this.#links, name))).split('/')[2] ?? '';
      if (!wanted.has(hex)) await rm(join(this.#links, name), { force: true });
    }
    // a failed removal stops no other and is retried by the next prune
    if (failures.length > 0) throw failures[0];
  }

  async #removeOne(name: string): Promise<void> {
    const gone = name.startsWith(temporary) ? name : temporary + randomUUID();
    if (gone !== name) await rename(join(this.#layers, name), join(this.#layers, gone));
    await removeTree(join(this.#layers, gone));
  }
}

/** Names in a folder; empty for a missing one. */
export async function names(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw thrown;
  }
}
