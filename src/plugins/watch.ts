/** Tells of plugins that appear in their folders. inotify tells; nothing is looked at in between. */
import { existsSync, type FSWatcher, statSync, watch } from 'node:fs';
import { dirname, join } from 'node:path';
import { isFileName } from './discovery.ts';

/** `appeared` is called with the name that a file would have as a plugin: whether there is one is for the caller to see. */
export class FolderWatch {
  readonly #folders: readonly string[];
  readonly #appeared: (name: string) => void;
  /** By the folder that is watched. */
  readonly #watchers = new Map<string, FSWatcher>();

  constructor(folders: readonly string[], appeared: (name: string) => void) {
    this.#folders = folders;
    this.#appeared = appeared;
    for (const folder of folders) this.#begin(folder);
  }

  close(): void {
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  /** The folder, or the next one above it that is there: it tells when the folder is made. */
  #begin(folder: string): void {
    let path = folder;
    while (!existsSync(path) && path !== dirname(path)) path = dirname(path);
    this.#watch(path);
  }

  #watch(path: string): void {
    if (this.#watchers.has(path)) return;
    try {
      const watcher = watch(path, { persistent: false }, (_event, file) => this.#changed(path, file));
      watcher.on('error', () => this.#forget(path));
      this.#watchers.set(path, watcher);
    } catch {
      // gone meanwhile, or no permission: what lies above tells of the next one
    }
  }

  #forget(path: string): void {
    this.#watchers.get(path)?.close();
    this.#watchers.delete(path);
  }

  #changed(path: string, file: string | null): void {
    if (!existsSync(path)) {
      this.#forget(path);
      for (const folder of this.#folders) this.#begin(folder);
      return;
    }
    if (this.#folders.includes(path)) this.#inFolder(path, file ?? '');
    else if (this.#folders.includes(dirname(path))) this.#notify(file ?? '');
    else for (const folder of this.#folders) this.#arrived(folder);
  }

  /** A folder that was waited for may have plugins in it already. */
  #arrived(folder: string): void {
    if (this.#watchers.has(folder)) return;
    this.#begin(folder);
    if (this.#watchers.has(folder)) this.#appeared('');
  }

  /** A file, or a folder of a plugin: `NAME/NAME.sock`. */
  #inFolder(folder: string, file: string): void {
    const path = join(folder, file);
    if (!isFileName(file)) return;
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) this.#watch(path);
    this.#notify(file);
  }

  #notify(file: string): void {
    const name = file.replace(/\.(sock|spec|json)$/, '');
    if (isFileName(name)) this.#appeared(name);
  }
}
