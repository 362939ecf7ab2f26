/**
 * Managed plugins on disk, a folder each, which comes and goes by one rename:
 *
 *     <data root>/plugins/ID/plugin.json         the record
 *     <data root>/plugins/ID/propagated-mount    what the plugin shows the host
 */
import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { hasNames, readJson } from '../../files/damaged.ts';
import { writeWhole } from '../../files/write-whole.ts';
import { ensureFolder, modes } from '../../kernel/files/ensure-folder.ts';
import { removeTree } from '../../kernel/files/remove-tree.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { ManagedPlugin } from '../../model/plugin.ts';
import type { Logger } from '../../observe/logger.ts';

/** Of folders that are not there yet, and not there any more. */
const coming = '.new-';
const leaving = '.gone-';

const isPlugin = hasNames<ManagedPlugin>('id', 'name', 'config', 'settings', 'layers', 'root', 'file');

interface Doors {
  readonly kernel: Pick<Kernel, 'listMounts' | 'unmount'>;
  readonly logger: Logger;
}

export class PluginRecords {
  readonly #folder: string;
  readonly #doors: Doors;
  readonly #plugins = new Map<string, ManagedPlugin>();

  /** The folder is made. */
  constructor(folder: string, doors: Doors) {
    this.#folder = folder;
    this.#doors = doors;
    ensureFolder(folder, modes.closed);
  }

  all(): Iterable<ManagedPlugin> {
    return this.#plugins.values();
  }

  get(id: string): ManagedPlugin | undefined {
    return this.#plugins.get(id);
  }

  propagated(id: string): string {
    return join(this.#folder, id, 'propagated-mount');
  }

  /** What is there. A record that cannot be read is named in the log, and its folder stays as it is. */
  async load(): Promise<void> {
    const names = await readdir(this.#folder);
    for (const name of names.filter((one) => !one.startsWith('.'))) {
      try {
        const plugin = await readJson(this.#file(join(this.#folder, name)), isPlugin);
        if (plugin) this.#plugins.set(plugin.id, plugin);
      } catch (error) {
        this.#doors.logger.error('the record of a plugin cannot be read', { plugin: name, error });
      }
    }
  }

  /** What was half made, or half removed, when the engine ended. */
  async sweep(): Promise<void> {
    const names = await readdir(this.#folder);
    for (const name of names.filter((one) => one.startsWith(coming) || one.startsWith(leaving)))
      await this.#removeFolder(join(this.#folder, name));
  }

  async add(plugin: ManagedPlugin): Promise<void> {
    const request = join(this.#folder, coming + plugin.id);
    try {
      await mkdir(join(request, 'propagated-mount'), { recursive: true, mode: 0o755 });
      await writeWhole(this.#file(request), JSON.stringify(plugin));
      await rename(request, join(this.#folder, plugin.id));
    } catch (thrown) {
      await removeTree(request);
      throw thrown;
    }
    this.#plugins.set(plugin.id, plugin);
  }

  async put(plugin: ManagedPlugin): Promise<void> {
    await writeWhole(this.#file(join(this.#folder, plugin.id)), JSON.stringify(plugin));
    this.#plugins.set(plugin.id, plugin);
  }

  /** Whatever is mounted in its folder is unmounted. */
  async remove(id: string): Promise<void> {
    const gone = join(this.#folder, leaving + id);
    this.#unmountBelow(join(this.#folder, id));
    await rename(join(this.#folder, id), gone);
    this.#plugins.delete(id);
    await this.#removeFolder(gone);
  }

  unmountPropagated(id: string): void {
    this.#unmountBelow(this.propagated(id));
  }

  async #removeFolder(path: string): Promise<void> {
    this.#unmountBelow(path);
    await removeTree(path);
  }

  #unmountBelow(path: string): void {
    for (const target of this.#doors.kernel.listMounts(path)) this.#doors.kernel.unmount(target);
  }

  #file(folder: string): string {
    return join(folder, 'plugin.json');
  }
}
