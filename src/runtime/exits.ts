/**
 * The ends of containers. conmon writes `exits/ID` (under another name first, then renamed) when the
 * process has ended and all its output is in the log. Each is told exactly once.
 */
import { existsSync, type FSWatcher, readdirSync, readFileSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';
import { rfc3339 } from '../observe/clock.ts';
import type { Layout } from './layout.ts';
import type { ExitEvent } from './runtime.ts';

export class ExitWatch {
  readonly #layout: Layout;
  readonly #tell: (event: ExitEvent) => void;
  /** Told already, or there before the watch began. */
  readonly #known: Set<string>;
  readonly #watcher: FSWatcher;

  constructor(layout: Layout, tell: (event: ExitEvent) => void) {
    this.#layout = layout;
    this.#tell = tell;
    this.#watcher = watch(layout.exits, (_event, name) => {
      if (name === null) this.scan();
      else this.look(name);
    });
    this.#watcher.on('error', () => undefined);
    this.#known = new Set(readdirSync(layout.exits));
  }

  /** The record of an end, whether it was told or not. */
  read(id: string): ExitEvent | undefined {
    const path = this.#layout.exit(id);
    try {
      const exitCode = Number(readFileSync(path, 'utf8'));
      const at = rfc3339(statSync(path, { bigint: true }).mtimeNs);
      return { id, exitCode, oomKilled: existsSync(join(this.#layout.bundle(id), 'oom')), at };
    } catch {
      return undefined;
    }
  }

  /** Tell the end of this container if it has ended and nobody was told. */
  look(id: string): void {
    // Names with a dot are files that are being written.
    if (this.#known.has(id) || id.includes('.')) return;
    const event = this.read(id);
    if (!event) return;
    this.#known.add(id);
    this.#tell(event);
  }

  scan(): void {
    for (const id of readdirSync(this.#layout.exits)) this.look(id);
  }

  /** The container may run, and end, again. */
  forget(id: string): void {
    this.#known.delete(id);
  }

  close(): void {
    this.#watcher.close();
  }
}
