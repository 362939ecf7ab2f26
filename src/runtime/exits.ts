/**
 * Ends of containers. conmon writes `exits/ID` (under another name first, then renamed) when the process has ended
 * and all its output is in the log. Each is reported exactly once.
 */
import { existsSync, type FSWatcher, mkdirSync, readdirSync, readFileSync, statSync, watch } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { rfc3339 } from '../observe/clock.ts';
import type { Logger } from '../observe/logger.ts';
import type { Layout } from './layout.ts';
import type { ExitEvent } from './runtime.ts';

export interface ExitWatchOptions {
  readonly notify: (event: ExitEvent) => void;
  readonly logger: Logger;
}

const inodeOf = (path: string): bigint => statSync(path, { bigint: true }).ino;

export class ExitWatch {
  readonly #layout: Layout;
  readonly #notify: (event: ExitEvent) => void;
  /** Exits that were reported or existed before the watch began. */
  readonly #known: Set<string>;
  /** Names of files that were begun, by container: `ID.XXXXXX`. A conmon that is killed meanwhile leaves one. */
  readonly #unfinished = new Map<string, Set<string>>();
  readonly #logger: Logger;
  /** Undefined if the kernel allows no watch; exits are then reported a little later, when their conmon has ended. */
  #watcher: FSWatcher | undefined;
  /** The folder that is watched. */
  #inode: bigint;

  constructor(layout: Layout, { notify, logger }: ExitWatchOptions) {
    this.#layout = layout;
    this.#notify = notify;
    this.#logger = logger;
    this.#inode = inodeOf(layout.exits);
    // before they are listed, so that none is missed
    this.#watcher = this.#watch();
    try {
      const names = readdirSync(layout.exits);
      this.#known = new Set(names);
      for (const name of names) this.#note(name);
    } catch (thrown) {
      this.close();
      throw thrown;
    }
  }

  #watch(): FSWatcher | undefined {
    try {
      const watcher = watch(this.#layout.exits, (_event, name) => {
        if (name === null) this.scan();
        else this.look(name);
      });
      watcher.on('error', () => undefined);
      return watcher;
    } catch (error) {
      // too many watches (fs.inotify.max_user_instances), for example
      this.#logger.warn('the folder of the exits is not watched', { folder: this.#layout.exits, error });
      return undefined;
    }
  }

  /**
   * Makes and watches the folder again if it was removed or could not be watched. Call it before it is needed.
   */
  ensure(): void {
    mkdirSync(this.#layout.exits, { recursive: true, mode: 0o700 });
    const inode = inodeOf(this.#layout.exits);
    if (inode === this.#inode && this.#watcher) return;
    this.#watcher?.close();
    this.#watcher = this.#watch();
    this.#inode = inode;
    this.scan();
  }

  /** The record of an end, whether it was reported or not. */
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

  /** Remembers a file that is being written, which has a dot in its name. */
  #note(name: string): void {
    const dot = name.indexOf('.');
    if (dot < 0) return;
    const id = name.slice(0, dot);
    const names = this.#unfinished.get(id) ?? new Set();
    this.#unfinished.set(id, names.add(name));
  }

  /** Reports the end of a container if it has ended and was not reported. `name` is that of its exit file. */
  look(name: string): void {
    this.#note(name);
    if (this.#known.has(name) || name.includes('.')) return;
    const event = this.read(name);
    if (!event) return;
    this.#known.add(name);
    this.#unfinished.delete(name);
    this.#notify(event);
  }

  /** Removes what was begun for containers that are over: their conmon has ended and will not finish it. */
  async sweep(isOver: (id: string) => boolean): Promise<void> {
    for (const [id, names] of [...this.#unfinished]) {
      if (!isOver(id)) continue;
      this.#unfinished.delete(id);
      for (const name of names)
        await rm(join(this.#layout.exits, name), { force: true }).catch((error: unknown) => {
          this.#note(name);
          this.#logger.warn('an unfinished exit file stays', { name, error });
        });
    }
  }

  scan(): void {
    for (const id of readdirSync(this.#layout.exits)) this.look(id);
  }

  /** Lets the container's next end be reported. */
  forget(id: string): void {
    this.#known.delete(id);
  }

  close(): void {
    this.#watcher?.close();
  }
}
