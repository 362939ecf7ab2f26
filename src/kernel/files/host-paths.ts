/**
 * Look-ups of paths that users name. On a dead NFS or FUSE mount a look-up keeps its thread of libuv's pool until the
 * mount answers, and the pool has four. So one look-up at most hangs per mount, and two in all.
 */
import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fail, hasCode } from '../../errors.ts';
import { hasErrno } from '../../system-error.ts';
import { isBelow, type Mounted, readMounts } from '../mounts/mountinfo.ts';

/** An open file, which whoever asked for it closes. */
export type HostFile = Pick<FileHandle, 'fd' | 'close'>;

export interface HostPathsOptions {
  readonly files: {
    lstat(path: string): Promise<Pick<Stats, 'isSymbolicLink'>>;
    readlink(path: string): Promise<string>;
    stat(path: string): Promise<Stats>;
    mkdir(path: string): Promise<void>;
    open(path: string): Promise<HostFile>;
  };
  readonly mounts: () => readonly Mounted[];
  /** Milliseconds after which a look-up makes way for the next one. */
  readonly patience: number;
  /** Milliseconds after which the caller gets HOST_PATH_SILENT. */
  readonly limit: number;
}

interface Slow {
  readonly mount: string;
  readonly ended: Promise<unknown>;
  readonly until: number;
}

/** What a turn came to: the started call, or the slow one of the same mount that has to end first. */
type Turn<T> = { readonly call: Promise<T>; readonly until: number } | { readonly busy: Slow };

/** File systems that need neither a server nor a process. */
const localTypes = /^(ext[234]|xfs|btrfs|zfs|f2fs|overlay|tmpfs|ramfs|devtmpfs|proc|sysfs|cgroup2?|nsfs)$/;

/** Leads from `proc` to other file systems. */
const leadsAway = /^\/proc\/\d+\/(task\/\d+\/)?(root|cwd|exe|fd|map_files)(\/|$)/;

const processFolder = /^\/proc\/\d+$/;

const mostHanging = 2;
/** As the kernel's. */
const mostLinks = 40;

export class HostPaths {
  readonly #options: HostPathsOptions;
  readonly #slow = new Set<Slow>();
  /** Give up a look-up, for each that is waited for. */
  readonly #waiting = new Set<() => void>();
  #limit: number;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: HostPathsOptions) {
    this.#options = options;
    this.#limit = options.limit;
  }

  /** For the end of the engine: what is slow now, or will be, is given up. */
  hasten(): void {
    const { patience } = this.#options;
    this.#limit = patience;
    const now = [...this.#waiting];
    setTimeout(() => {
      for (const giveUp of now) giveUp();
    }, patience).unref();
  }

  /** The path without symbolic links; undefined if it is missing. Throws HOST_PATH_SILENT. */
  async real(path: string): Promise<string | undefined> {
    const { lstat, readlink } = this.#options.files;
    const ahead = path.split('/').reverse();
    let links = 0;
    let at = '/';
    for (let name = ahead.pop(); name !== undefined; name = ahead.pop()) {
      const next = join(at, name);
      if (next === at || name === '..') {
        at = next;
        continue;
      }
      if (processFolder.test(next)) return this.#whole([next, ...ahead.reverse()].join('/'));
      const stats = await this.ask(next, () => lstat(next)).catch(missing);
      if (!stats) return undefined;
      if (!stats.isSymbolicLink()) {
        at = next;
        continue;
      }
      const target = await this.ask(next, () => readlink(next)).catch(missing);
      if (target === undefined || ++links > mostLinks) return undefined;
      if (target.startsWith('/')) at = '/';
      ahead.push(...target.split('/').reverse());
    }
    return at;
  }

  /** The links of a process (`root`, `ns/net`) cannot be followed by their text. */
  async #whole(path: string): Promise<string | undefined> {
    const found = await this.ask(path, () => this.#options.files.stat(path)).catch(missing);
    return found === undefined ? undefined : path;
  }

  /** Follows symbolic links. Throws HOST_PATH_SILENT. */
  async exists(path: string): Promise<boolean> {
    return (await this.real(path)) !== undefined;
  }

  /** Follows symbolic links; undefined if the path is missing. Throws HOST_PATH_SILENT. */
  async stat(path: string): Promise<Stats | undefined> {
    const real = await this.real(path);
    return real === undefined
      ? undefined
      : this.ask(real, () => this.#options.files.stat(real)).catch(missing);
  }

  /** Does not wait for the writer of a FIFO; undefined if the path is missing. Throws HOST_PATH_SILENT. */
  async open(path: string): Promise<HostFile | undefined> {
    const real = await this.real(path);
    if (real === undefined) return undefined;
    let opening: Promise<HostFile> | undefined;
    try {
      return await this.ask(real, () => {
        opening = this.#options.files.open(real);
        return opening;
      });
    } catch (thrown) {
      // where it opens after all, nobody waits for it any more
      opening?.then((file) => file.close()).catch(() => undefined);
      return missing(thrown);
    }
  }

  /** Makes the folder, and those above it, if the path is missing. Throws HOST_PATH_SILENT. */
  async ensureFolder(path: string): Promise<void> {
    if (!(await this.exists(path))) await this.ask(path, () => this.#options.files.mkdir(path));
  }

  /**
   * Makes a look-up when it is its turn. `path` has no symbolic links and tells which mount it may hang on. Throws
   * HOST_PATH_SILENT.
   */
  async ask<T>(path: string, call: () => Promise<T>): Promise<T> {
    for (;;) {
      const turn = this.#last.then(() => this.#start(path, call));
      this.#last = turn.catch(() => undefined);
      const got = await turn;
      if ('call' in got) return this.#before(got.until, got.call, path);
      await this.#before(got.busy.until, got.busy.ended, path);
    }
  }

  /** Throws HOST_PATH_SILENT at the moment `until`, or as soon as the engine ends. */
  async #before<T>(until: number, call: Promise<T>, path: string): Promise<T> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const giveUp = (): void => reject(fail('HOST_PATH_SILENT', path));
    const timer = setTimeout(giveUp, Math.min(this.#limit, Math.max(0, until - performance.now())));
    this.#waiting.add(giveUp);
    try {
      return await Promise.race([call, late]);
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(giveUp);
    }
  }

  /** Resolves when the call has ended or is known to be slow. */
  async #start<T>(path: string, start: () => Promise<T>): Promise<Turn<T>> {
    const busy = this.#busyWith(path);
    if (busy) return { busy };
    const until = performance.now() + this.#limit;
    const call = start();
    const ended = call.then(
      () => true,
      () => true,
    );
    if (!(await Promise.race([ended, later(this.#options.patience)]))) this.#remember(path, ended, until);
    return { call, until };
  }

  #busyWith(path: string): Slow | undefined {
    if (this.#slow.size === 0) return undefined;
    const mount = this.#mountOf(path);
    if (isLocal(mount, path)) return undefined;
    for (const slow of this.#slow) if (slow.mount === mount?.target) return slow;
    if (this.#slow.size >= mostHanging)
      throw fail('HOST_PATHS_HANG', path, [...this.#slow].map((slow) => slow.mount).join(', '));
    return undefined;
  }

  #remember(path: string, ended: Promise<unknown>, until: number): void {
    const mount = this.#mountOf(path);
    if (isLocal(mount, path)) return;
    const slow = { mount: mount?.target ?? '', ended, until };
    this.#slow.add(slow);
    void ended.then(() => this.#slow.delete(slow));
  }

  /** The innermost one; of several on one target the last. */
  #mountOf(path: string): Mounted | undefined {
    let found: Mounted | undefined;
    for (const mount of this.#options.mounts())
      if (isBelow(path, mount.target) && mount.target.length >= (found?.target.length ?? 0)) found = mount;
    return found;
  }
}

const isLocal = (mount: Mounted | undefined, path: string): boolean =>
  mount !== undefined && localTypes.test(mount.type) && !leadsAway.test(path);

function missing(thrown: unknown): undefined {
  if (hasErrno(thrown, 'ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG')) return undefined;
  throw thrown;
}

const later = (milliseconds: number): Promise<false> => delay(milliseconds, false, { ref: false });

/** Whether a look-up was given up, or not begun as too many hang. */
export const isSilent = (thrown: unknown): boolean =>
  hasCode(thrown, 'HOST_PATH_SILENT') || hasCode(thrown, 'HOST_PATHS_HANG');

/** For the whole process, which has one pool of threads. */
export const hostPaths = new HostPaths({
  files: {
    lstat,
    readlink,
    stat,
    open: (path) => open(path, constants.O_RDONLY | constants.O_NONBLOCK),
    mkdir: async (path) => void (await mkdir(path, { recursive: true, mode: 0o755 })),
  },
  mounts: readMounts,
  patience: 100,
  limit: 10_000,
});
