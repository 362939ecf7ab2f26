/**
 * Namespaces that the engine did not make go without a word to it, and its own descriptors would keep them alive.
 * So their files are watched and, for files of a process (`/proc/PID/ns/net`), the process.
 */
import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { externalSandboxes } from '../model/external.ts';
import type { View } from '../model/tables.ts';
import { identify } from '../runtime/identity.ts';
import { watchEnd } from '../runtime/process-end.ts';

interface Watched {
  readonly model: View;
  /** Look which of them are gone; called a moment after one may be. */
  look(): Promise<void>;
}

export class ExternalWatch {
  readonly #watched: Watched;
  /** By the sandbox's id, what ends the watch. */
  readonly #ends = new Map<string, () => void>();

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  /** Watch those that are on record now, and no others. */
  follow(): void {
    const wanted = new Map(externalSandboxes(this.#watched.model).map(({ id, path }) => [id, path]));
    for (const id of [...this.#ends.keys()]) if (!wanted.has(id)) this.#forget(id);
    for (const [id, path] of wanted) if (!this.#ends.has(id)) this.#ends.set(id, this.#begin(path));
  }

  close(): void {
    for (const id of [...this.#ends.keys()]) this.#forget(id);
  }

  #forget(id: string): void {
    this.#ends.get(id)?.();
    this.#ends.delete(id);
  }

  #begin(path: string): () => void {
    const look = (): void => void this.#watched.look();
    const pid = /^\/proc\/(\d+)\//.exec(path)?.[1];
    return pid ? watchEnd(identify(Number(pid)), look) : watchFile(path, look);
  }
}

/** Its folder, as a file that is gone has no more to tell. */
function watchFile(path: string, changed: () => void): () => void {
  let watcher: FSWatcher;
  try {
    watcher = watch(dirname(path), { persistent: false });
  } catch {
    // the folder is gone, and the file with it
    const soon = setImmediate(changed);
    return () => clearImmediate(soon);
  }
  const name = basename(path);
  watcher.on('change', (_kind, file) => {
    if (file === null || String(file) === name) changed();
  });
  watcher.on('error', changed);
  return () => watcher.close();
}
