/**
 * Look-ups of paths that users name. On a dead NFS or FUSE mount a look-up keeps its thread of libuv's pool until the
 * mount answers, and the pool has four. So one look-up at most hangs per mount, and two in all.
 */
import type { Stats } from 'node:fs';
import { lstat, mkdir, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fail } from '../../errors.ts';
import { hasErrno } from '../../system-error.ts';
import { isBelow, type Mounted, readMounts } from '../mounts/mountinfo.ts';

export interface HostPathsOptions {
  readonly files: {
    lstat(path: string): Promise<Pick<Stats, 'isSymbolicLink'>>;
    readlink(path: string): Promise<string>;
    stat(path: string): Promise<Pick<Stats, 'dev' | 'ino'>>;
    mkdir(path: string): Promise<void>;
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
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: HostPathsOptions) {
    this.#options = options;
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
      const stats = await this.#ask(next, () => lstat(next)).catch(missing);
      if (!stats) return undefined;
      if (!stats.isSymbolicLink()) {
        at = next;
        continue;
      }
      const target = await this.#ask(next, () => readlink(next)).catch(missing);
      if (target === undefined || ++links > mostLinks) return undefined;
      if (target.startsWith('/')) at = '/';
      ahead.push(...target.split('/').reverse());
    }
    return at;
  }

  /** The links of a process (`root`, `ns/net`) cannot be followed by their text. */
  async #whole(path: string): Promise<string | undefined> {
    const found = await this.#ask(path, () => this.#options.files.stat(path)).catch(missing);
    return found === undefined ? undefined : path;
  }

  /** Follows symbolic links. Throws HOST_PATH_SILENT. */
  async exists(path: string): Promise<boolean> {
    return (await this.real(path)) !== undefined;
  }

  /** Follows symbolic links; undefined if the path is missing. Throws HOST_PATH_SILENT. */
  async stat(path: string): Promise<Pick<Stats, 'dev' | 'ino'> | undefined> {
    const real = await this.real(path);
    return real === undefined
      ? undefined
      : this.#ask(real, () => this.#options.files.stat(real)).catch(missing);
  }

  /** Makes the folder, and those above it, if the path is missing. Throws HOST_PATH_SILENT. */
  async ensureFolder(path: string): Promise<void> {
    if (!(await this.exists(path))) await this.#ask(path, () => this.#options.files.mkdir(path));
  }

  async #ask<T>(path: string, call: () => Promise<T>): Promise<T> {
    for (;;) {
      const turn = this.#last.then(() => this.#start(path, call));
      this.#last = turn.catch(() => undefined);
      const got = await turn;
      if ('call' in got) return before(got.until, got.call, path);
      await before(got.busy.until, got.busy.ended, path);
    }
  }

  /** Resolves when the call has ended or is known to be slow. */
  async #start<T>(path: string, start: () => Promise<T>): Promise<Turn<T>> {
    const busy = this.#busyWith(path);
    if (busy) return { busy };
    const until = performance.now() + this.#options.limit;
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

/** Throws HOST_PATH_SILENT at the moment `until`. */
async function before<T>(until: number, call: Promise<T>, path: string): Promise<T> {
  const over = new AbortController();
  const late = delay(Math.max(0, until - performance.now()), undefined, { signal: over.signal }).then(() => {
    throw fail('HOST_PATH_SILENT', path);
  });
  try {
    return await Promise.race([call, late]);
  } finally {
    late.catch(() => undefined);
    over.abort();
  }
}

/** For the whole process, which has one pool of threads. */
export const hostPaths = new HostPaths({
  files: {
    lstat,
    readlink,
    stat,
    mkdir: async (path) => void (await mkdir(path, { recursive: true, mode: 0o755 })),
  },
  mounts: readMounts,
  patience: 100,
  limit: 10_000,
});
