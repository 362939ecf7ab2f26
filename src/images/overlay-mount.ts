/** Layers mounted as one tree by overlayfs. */
import { closeSync, existsSync, lstatSync, openSync, statfsSync } from 'node:fs';
import { mkdir, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fail, messageOf } from '../errors.ts';
import type { Kernel } from '../kernel/kernel.ts';

/** The mount functions of the kernel. */
export type Mounting = Pick<Kernel, 'mount' | 'mountOffLoop' | 'unmount' | 'listMounts'>;

/** mount(2) takes one page of data. */
const pageSize = 4096;
/** linux/magic.h */
const overlayMagic = 0x794c7630;

/** Options that keep upper folders plain: no redirects or metacopy, only whiteouts and opaque folders. */
const plainOverlay = [
  ['redirect_dir', 'nofollow'],
  ['metacopy', 'off'],
  ['index', 'off'],
] as const;

export interface OverlayMount {
  /** The folder of the images. */
  readonly images: string;
  /** The folder with upper and work; undefined for a read-only mount, which needs two lower folders. */
  readonly home: string | undefined;
  /** Short names of the layers, uppermost first. */
  readonly links: readonly string[];
  readonly target: string;
}

/** Throws KERNEL. */
export function mountOverlay(kernel: Mounting, { images, home, links, target }: OverlayMount): void {
  const named = links.map((link) => join('l', link));
  const lower = named.length > (home ? 0 : 1) ? named : [...named, 'empty', 'empty2'].slice(0, home ? 1 : 2);
  const whole = overlayData({ images, home }, lower);
  // paths by descriptor where the data exceeds a page or has characters that are special to overlayfs
  const direct = whole.length < pageSize && !/[,:\\]/.test(images);
  const below = direct ? undefined : openSync(images, 'r');
  const own = direct || home === undefined ? undefined : openSync(home, 'r');
  const at = (fd: number | undefined): string | undefined =>
    fd === undefined ? undefined : `/proc/self/fd/${fd}`;
  const data = direct ? whole : overlayData({ images: at(below) ?? '', home: at(own) }, lower);
  try {
    kernel.mount({ source: 'overlay', target, type: 'overlay', flags: 0, data });
  } catch (thrown) {
    throw whyNot(thrown, dirname(home ?? target));
  } finally {
    for (const fd of [below, own]) if (fd !== undefined) closeSync(fd);
  }
}

/**
 * Makes these plain folders, because the runtime writes to them by path before it enters the root. The image has no
 * links there (mount-points.ts), but a container that may unmount can have made one.
 */
export async function plainFolders(root: string): Promise<void> {
  for (const name of ['dev', 'proc', 'sys']) {
    const path = join(root, name);
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats?.isDirectory()) continue;
    if (stats) await unlink(path);
    await mkdir(path, { mode: 0o755 });
  }
}

/** Mount data of overlayfs, with the options that this kernel knows. */
function overlayData(
  at: { readonly images: string; readonly home: string | undefined },
  lower: readonly string[],
): string {
  const known = plainOverlay.filter(([name]) => existsSync(`/sys/module/overlay/parameters/${name}`));
  return [
    `lowerdir=${lower.map((path) => `${at.images}/${path}`).join(':')}`,
    ...(at.home === undefined ? [] : [`upperdir=${at.home}/upper`, `workdir=${at.home}/work`]),
    ...known.map(([name, value]) => `${name}=${value}`),
  ].join(',');
}

/** Explains the most common reason. */
function whyNot(thrown: unknown, home: string): Error {
  if (statfsSync(home).type === overlayMagic)
    return fail(
      'KERNEL',
      'mount a container root',
      `${home} lies on overlayfs, which cannot hold the upper folder of another overlay: put the data root on another file system (ext4, xfs, btrfs, tmpfs)`,
    );
  return thrown instanceof Error ? thrown : fail('KERNEL', 'mount a container root', messageOf(thrown));
}
