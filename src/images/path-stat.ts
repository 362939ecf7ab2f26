/** The stat of a path in a container, for `docker cp` (X-Docker-Container-Path-Stat). */
import type { Stats } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fail } from '../errors.ts';
import { asBytes, asText, type RootView, rootTree, statInRoot } from './root-tree.ts';
import { cleanPath, resolveOnDisk } from './tar/resolve.ts';

export interface PathStat {
  readonly name: string;
  readonly size: number;
  /** Go's os.FileMode bits. */
  readonly mode: number;
  /** RFC 3339. */
  readonly mtime: string;
  /** Final target of a symbolic link, absolute in the container; '' for anything else. */
  readonly linkTarget: string;
}

/** An existing path of a container. */
export interface Located {
  /** Relative to the root, without links except perhaps the last component; a byte string. */
  readonly path: string;
  /** Last component of the requested path, which may be `.` or `/`. */
  readonly base: string;
  readonly stats: Stats;
}

/** Type and special bits of Go's os.FileMode. */
const goBits = {
  dir: 2 ** 31,
  symlink: 2 ** 27,
  device: 2 ** 26,
  pipe: 2 ** 25,
  socket: 2 ** 24,
  setuid: 2 ** 23,
  setgid: 2 ** 22,
  char: 2 ** 21,
  sticky: 2 ** 20,
} as const;

/** The mode as Go's os.FileMode. */
export function goMode(stats: Stats): number {
  const type = stats.isDirectory()
    ? goBits.dir
    : stats.isSymbolicLink()
      ? goBits.symlink
      : stats.isFIFO()
        ? goBits.pipe
        : stats.isSocket()
          ? goBits.socket
          : stats.isCharacterDevice()
            ? goBits.device + goBits.char
            : stats.isBlockDevice()
              ? goBits.device
              : 0;
  const special =
    (stats.mode & 0o4000 ? goBits.setuid : 0) +
    (stats.mode & 0o2000 ? goBits.setgid : 0) +
    (stats.mode & 0o1000 ? goBits.sticky : 0);
  return type + special + (stats.mode & 0o777);
}

/** Finds a path; a trailing `/` or `/.` follows a final link. Throws PATH_NOT_FOUND or BAD_REQUEST. */
export async function locate(view: RootView, asked: string, followLast = false): Promise<Located> {
  try {
    return await find(view, asked, followLast);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ENAMETOOLONG') throw thrown;
    throw fail('BAD_REQUEST', `${asked.slice(0, 255)}: file name too long`);
  }
}

async function find(view: RootView, asked: string, followLast: boolean): Promise<Located> {
  const text = asBytes(asked);
  const slash = /\/\.?$/.test(text) || text === '.';
  const options = { followLast: followLast || slash, above: 'stay' } as const;
  const { path } = await resolveOnDisk(rootTree(view), text, options);
  const stats = await statInRoot(view, path);
  if (!stats) throw fail('PATH_NOT_FOUND', asked, nameOf(view));
  if (slash && !stats.isDirectory()) throw fail('BAD_REQUEST', `${asked}: not a directory`);
  const clean = asText(cleanPath(text) ?? path);
  const base = /(?:^|\/)\.$|^\.\/$/.test(asked) ? '.' : clean === '' ? '/' : basename(clean);
  return { path, base, stats };
}

/** The container's root is `<container>/merged`. */
const nameOf = (view: RootView): string => view.container ?? basename(dirname(view.root));

export async function statOf(view: RootView, { path, base, stats }: Located): Promise<PathStat> {
  const follow = { followLast: true, above: 'stay' } as const;
  const target = stats.isSymbolicLink()
    ? `/${asText((await resolveOnDisk(rootTree(view), path, follow)).path)}`
    : '';
  return {
    name: base,
    size: stats.size,
    mode: goMode(stats),
    mtime: stats.mtime.toISOString(),
    linkTarget: target,
  };
}
