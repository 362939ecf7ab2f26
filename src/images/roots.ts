/**
 * The containers' roots, on overlayfs:
 *
 *     roots/<container>/upper, work   the container's own layer
 *     roots/<container>/merged        where the root is mounted
 *     roots/<container>/layers.json   chain ids of the layers below it, which this root uses
 *
 * The kernel is asked whether a root is mounted; nothing is remembered.
 */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fail, hasCode } from '../errors.ts';
import { isTexts, putAside, readJson } from '../files/damaged.ts';
import { inTheEnd } from '../files/in-the-end.ts';
import { writeWhole } from '../files/write-whole.ts';
import { modes } from '../kernel/files/ensure-folder.ts';
import { removeTree } from '../kernel/files/remove-tree.ts';
import type { Image } from '../model/image.ts';
import type { Logger } from '../observe/logger.ts';
import { discard } from './discard.ts';
import { type Layers, names } from './layers.ts';
import { missingMountPoints } from './mount-points.ts';
import { type Mounting, mountOverlay, plainFolders } from './overlay-mount.ts';

/** The layers below a root by chain id, and the id of their image. */
export type Stacked = Pick<Image, 'id' | 'layers'>;

export interface Roots {
  mount(containerId: string, image: Stacked): Promise<string>;
  unmount(containerId: string): Promise<void>;
  remove(containerId: string): Promise<void>;
  with<T>(containerId: string, image: Stacked, use: (root: string) => Promise<T>): Promise<T>;
  /** Runs `use` with the layers below a container's own mounted as one tree, read-only. */
  withImage<T>(image: Stacked, use: (folder: string) => Promise<T>): Promise<T>;
  /** The container's own layer; undefined for a missing one. */
  upper(containerId: string): string | undefined;
  folders(containerId: string): { readonly upper: string; readonly work: string; readonly merged: string };
  list(): Promise<readonly string[]>;
  /** Chain ids of the layers below roots. */
  usedLayers(): Promise<ReadonlySet<string>>;
}

const leaving = '.gone-';

export interface RootsOptions {
  /** The folder of the images. */
  readonly images: string;
  readonly layers: Layers;
  readonly kernel: Mounting;
  readonly logger: Pick<Logger, 'warn'>;
}

/** Roots below `folder`, on the layers of `images`. */
export const openRoots = (folder: string, options: RootsOptions): Roots => new RootStore(folder, options);

class RootStore implements Roots {
  readonly #folder: string;
  readonly #images: string;
  readonly #layers: Layers;
  readonly #kernel: Mounting;
  readonly #logger: Pick<Logger, 'warn'>;
  /** Names of folders that running requests fill or remove. */
  readonly #inWork = new Set<string>();
  /** Running calls of `with` by container. */
  readonly #uses = new Map<string, number>();
  /** Roots to unmount when the last use has ended. */
  readonly #onLoan = new Set<string>();
  /** The layer of mount points (`mount-points.ts`) by the image's uppermost; '' where none is needed. */
  readonly #mountPoints = new Map<string, Promise<string>>();

  constructor(folder: string, { images, layers, kernel, logger }: RootsOptions) {
    this.#folder = folder;
    this.#images = images;
    this.#layers = layers;
    this.#kernel = kernel;
    this.#logger = logger;
  }

  #home(containerId: string): string {
    if (!/^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(containerId))
      throw fail('BUG', `a container id ${JSON.stringify(containerId)}`);
    return join(this.#folder, containerId);
  }

  #mounted(merged: string): boolean {
    return this.#kernel.listMounts(merged).includes(merged);
  }

  async mount(containerId: string, image: Stacked): Promise<string> {
    const merged = await this.#mount(containerId, image);
    this.#onLoan.delete(containerId);
    await plainFolders(merged);
    return merged;
  }

  async #mount(containerId: string, image: Stacked): Promise<string> {
    const home = this.#home(containerId);
    const merged = join(home, 'merged');
    if (this.#mounted(merged)) return merged;
    const links = await this.#layers.keeping(() => this.#prepare(home, image));
    // no await from here on, so that no other request mounts it in between
    if (!this.#mounted(merged)) this.#overlay(merged, home, links);
    return merged;
  }

  /** Makes the folders and layers.json; returns the short names of the layers, uppermost first. */
  async #prepare(home: string, image: Stacked): Promise<readonly string[]> {
    await mkdir(home, { recursive: true, mode: modes.closed });
    // 0755 whatever the image's root has, as in Docker: other users must be able to enter
    for (const name of ['upper', 'work', 'merged'])
      await mkdir(join(home, name), { recursive: true, mode: 0o755 });
    const layers = await this.#below(image);
    await writeWhole(join(home, 'layers.json'), JSON.stringify(layers));
    return this.#links(image, layers);
  }

  /** The image's layers and the layer of mount points. */
  async #below(image: Stacked): Promise<readonly string[]> {
    const top = image.layers.at(-1) ?? '';
    const known = await this.#mountPoints.get(top);
    // the layer is pruned when no root uses it
    if (known === undefined || (known !== '' && !(await this.#layers.find(known)))) {
      this.#mountPoints.set(top, this.#makeMountPoints(image, top));
    }
    try {
      const chainId = (await this.#mountPoints.get(top)) ?? '';
      return chainId === '' ? image.layers : [...image.layers, chainId];
    } catch (thrown) {
      this.#mountPoints.delete(top);
      throw thrown;
    }
  }

  async #makeMountPoints(image: Stacked, parent: string): Promise<string> {
    const tar = await this.#view(image, image.layers, async (folder) => missingMountPoints(folder));
    if (!tar) return '';
    const layer = await this.#layers.add(Readable.from([tar]), { parent });
    return layer.chainId;
  }

  async #links(image: Stacked, layers: readonly string[]): Promise<readonly string[]> {
    const links: string[] = [];
    for (const chainId of layers) {
      if (!(await this.#layers.find(chainId)))
        throw fail('RUNTIME_FAILED', `mount the root of ${image.id}`, `its layer ${chainId} is not there`);
      links.unshift(await this.#layers.link(chainId));
    }
    for (const name of ['empty', 'empty2']) await mkdir(join(this.#images, name), { recursive: true });
    return links;
  }

  #overlay(target: string, home: string | undefined, links: readonly string[]): void {
    mountOverlay(this.#kernel, { images: this.#images, home, links, target });
  }

  async unmount(containerId: string): Promise<void> {
    if ((this.#uses.get(containerId) ?? 0) > 0) this.#onLoan.add(containerId);
    else this.#kernel.unmount(join(this.#home(containerId), 'merged'));
  }

  async remove(containerId: string): Promise<void> {
    const home = this.#home(containerId);
    if (!existsSync(home)) return;
    this.#kernel.unmount(join(home, 'merged'));
    await this.#aside(randomUUID(), async (gone) => {
      await rename(home, gone);
      // files in use stay until their users are done
      await discard(gone, this.#logger);
    });
  }

  /** Runs `work` with a temporary folder that `list` does not take for a leftover. */
  async #aside<T>(name: string, work: (path: string) => Promise<T>): Promise<T> {
    const own = leaving + name;
    this.#inWork.add(own);
    try {
      return await work(join(this.#folder, own));
    } finally {
      this.#inWork.delete(own);
    }
  }

  async with<T>(containerId: string, image: Stacked, use: (root: string) => Promise<T>): Promise<T> {
    const merged = join(this.#home(containerId), 'merged');
    const uses = this.#uses.get(containerId) ?? 0;
    this.#uses.set(containerId, uses + 1);
    try {
      if (!this.#mounted(merged)) {
        this.#onLoan.add(containerId);
        await this.#mount(containerId, image);
      }
      return await use(merged);
    } finally {
      this.#endUse(containerId);
    }
  }

  #endUse(containerId: string): void {
    const uses = (this.#uses.get(containerId) ?? 1) - 1;
    if (uses > 0) this.#uses.set(containerId, uses);
    else {
      this.#uses.delete(containerId);
      if (this.#onLoan.delete(containerId)) this.#kernel.unmount(join(this.#home(containerId), 'merged'));
    }
  }

  async withImage<T>(image: Stacked, use: (folder: string) => Promise<T>): Promise<T> {
    return this.#layers.keeping(async () => this.#view(image, await this.#below(image), use));
  }

  /** Runs `use` with these layers mounted as one tree, read-only. */
  async #view<T>(image: Stacked, layers: readonly string[], use: (folder: string) => Promise<T>): Promise<T> {
    const links = await this.#links(image, layers);
    return await this.#aside(`view-${randomUUID()}`, async (target) => {
      await mkdir(target, { recursive: true });
      try {
        this.#overlay(target, undefined, links);
        return await use(target);
      } finally {
        this.#kernel.unmount(target);
        await inTheEnd(() => rmdir(target), { doing: `removing ${target}`, logger: this.#logger });
      }
    });
  }

  folders(containerId: string): { upper: string; work: string; merged: string } {
    const home = this.#home(containerId);
    return { upper: join(home, 'upper'), work: join(home, 'work'), merged: join(home, 'merged') };
  }

  upper(containerId: string): string | undefined {
    const path = join(this.#home(containerId), 'upper');
    return existsSync(path) ? path : undefined;
  }

  async list(): Promise<readonly string[]> {
    const all = await names(this.#folder);
    const halfGone = all.filter((name) => name.startsWith(leaving) && !this.#inWork.has(name));
    // folders in use stay until the next call
    const removals = halfGone.map((name) => removeTree(join(this.#folder, name)));
    await Promise.allSettled(removals);
    return all.filter((name) => !name.startsWith('.'));
  }

  async usedLayers(): Promise<ReadonlySet<string>> {
    const used = new Set<string>();
    for (const name of await this.list()) {
      for (const chainId of await this.#layersOf(name)) used.add(chainId);
    }
    return used;
  }

  /** Where layers.json is damaged, all layers count as used until the root is mounted again. */
  async #layersOf(containerId: string): Promise<readonly string[]> {
    const path = join(this.#folder, containerId, 'layers.json');
    try {
      return (await readJson(path, isTexts)) ?? [];
    } catch (error) {
      if (!hasCode(error, 'FILE_DAMAGED')) throw error;
      this.#logger.warn('the layers of a root are not known', { error, aside: putAside(path) });
      const all = await this.#layers.list();
      await writeWhole(path, JSON.stringify(all));
      return all;
    }
  }
}
