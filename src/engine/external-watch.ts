/**
 * External namespaces disappear without notice, and the engine's own descriptors would keep them alive. So their files
 * are watched and, for files of a process (`/proc/PID/ns/net`), the process.
 */
import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { hostPaths } from '../kernel/files/host-paths.ts';
import { externalSandboxes } from '../model/external.ts';
import type { View } from '../model/tables.ts';
import { identify } from '../programs/identity.ts';
import { watchEnd } from '../runtime/process-end.ts';

interface Watched {
  readonly model: View;
  /** Checks which of them are gone; called when one may be. */
  look(): Promise<void>;
}

export class ExternalWatch {
  readonly #watched: Watched;
  /** Functions that end the watches, by sandbox id. */
  readonly #ends = new Map<string, () => void>();

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  /** Watches exactly those that are on record now. */
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
    return pid ? watchEnd(identify(Number(pid)), look) : watchAnswering(path, look);
  }
}

/**
 * Watches a file as soon as its file system has answered. One that does not answer is not watched, and is looked at
 * when another namespace changes.
 */
function watchAnswering(path: string, changed: () => void): () => void {
  let end: (() => void) | undefined;
  let isOver = false;
  const begin = async (): Promise<void> => {
    await hostPaths.exists(dirname(path));
    if (isOver) return;
    end = watchFile(path, changed);
    // it may have gone before it was watched
    if (!(await hostPaths.exists(path)) && !isOver) changed();
  };
  begin().catch(() => undefined);
  return () => {
    isOver = true;
    end?.();
  };
}

/** Watches the folder of a file, since a watch of the file ends with it. */
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
