/** Reports plugins that appear in their folders, by inotify. */
import { existsSync, type FSWatcher, statSync, watch } from 'node:fs';
import { dirname, join } from 'node:path';
import { isFileName } from './discovery.ts';

/** Calls `appeared` with the plugin name of each file that changes. The caller checks whether it is a plugin. */
export class FolderWatch {
  readonly #folders: readonly string[];
  readonly #appeared: (name: string) => void;
  /** By watched folder. */
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

  /** Watches the folder, or the nearest existing one above it, to learn when the folder is created. */
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
      // gone meanwhile, or no permission: the folder above reports the next one
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

  /** A folder that was just created may already have plugins in it. */
  #arrived(folder: string): void {
    if (this.#watchers.has(folder)) return;
    this.#begin(folder);
    if (this.#watchers.has(folder)) this.#appeared('');
  }

  /** A plugin's file, or its folder: `NAME/NAME.sock`. */
  #inFolder(folder: string, file: string): void {
    const path = join(folder, file);
    if (!isFileName(file)) return;
    if (isFolder(path)) this.#watch(path);
    this.#notify(file);
  }

  #notify(file: string): void {
    const name = file.replace(/\.(sock|spec|json)$/, '');
    if (isFileName(name)) this.#appeared(name);
  }
}

/** False too for a path that cannot be read, such as a symbolic link to itself. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
