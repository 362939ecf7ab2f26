/**
 * Opens paths below a folder with untrusted content. The kernel confines the walk to the folder (openat2(2), since
 * 5.6), so that a link placed there meanwhile cannot lead out of it.
 */
import { close, constants, lstatSync, open, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { errno } from '../ffi/constants.ts';
import { kernelError } from '../ffi/fault.ts';
import * as libc from '../ffi/libc.ts';
import { offLoop } from '../ffi/off-loop.ts';

export const closeFd = promisify(close);
const openPath = promisify(open) as (path: Buffer, flags: number) => Promise<number>;

/** `inRoot`: links are followed, absolute ones and `..` as in a chroot. `noLinks`: no link is followed. */
export type Resolve = 'inRoot' | 'noLinks';

/** include/uapi/linux/openat2.h: NO_MAGICLINKS with IN_ROOT; NO_SYMLINKS with BENEATH. */
const resolveFlags = { inRoot: 0x02 | 0x10, noLinks: 0x04 | 0x08 } as const satisfies Record<Resolve, number>;

const O_CLOEXEC = 0o2000000;

/** Errors that mean that there is nothing to open. */
const nothing = new Set<number>([
  ...[errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EXDEV, errno.ENAMETOOLONG],
  ...[errno.EACCES, errno.ENXIO],
]);

interface Asked {
  readonly flags: number;
  readonly resolve: Resolve;
}

/** A descriptor, to be closed by the caller; undefined where there is nothing to open. Throws KERNEL. */
export async function openBelow(folder: number, path: Buffer, asked: Asked): Promise<number | undefined> {
  const how = new BigUint64Array([BigInt(asked.flags | O_CLOEXEC), 0n, BigInt(resolveFlags[asked.resolve])]);
  const name = Buffer.concat([path, Buffer.of(0)]);
  for (let tries = 1; ; tries++) {
    const { fd, reason } = await offLoop(
      (done) => libc.openat2.async(folder, name, how, done),
      (result) => ({ fd: result, reason: result < 0 ? libc.lastErrno() : 0 }),
    );
    if (fd >= 0) return fd;
    // something was renamed or mounted while `..` was resolved
    if (reason === errno.EAGAIN && tries < mostTries) continue;
    if (reason === errno.ENOSYS) return openByHand(folder, path, asked);
    if (nothing.has(reason)) return undefined;
    throw kernelError(`open "${path}" below a folder`, reason);
  }
}

/** As runc; a container that renames without pause could go on for ever. */
const mostTries = 128;
/** The kernel's limit of links in one path (path_resolution(7)). */
const mostLinks = 40;

/** On older kernels: resolves the path here, and opens it without following a final link. */
async function openByHand(
  folder: number,
  path: Buffer,
  { flags, resolve }: Asked,
): Promise<number | undefined> {
  const root = `/proc/self/fd/${folder}`;
  const target = resolve === 'inRoot' ? resolveInRoot(root, path.toString()) : undefined;
  const whole = target === undefined ? Buffer.concat([Buffer.from(`${root}/`), path]) : Buffer.from(target);
  try {
    return await openPath(whole, flags | constants.O_NOFOLLOW);
  } catch (thrown) {
    const number = -((thrown as NodeJS.ErrnoException).errno ?? 0);
    if (nothing.has(number)) return undefined;
    throw thrown;
  }
}

/** Resolves `path` as if `root` were `/`: `..` and absolute links stay inside. The last part may be missing. */
function resolveInRoot(root: string, path: string): string {
  const rest = path.split('/');
  let done: string[] = [];
  for (let links = 0; rest.length > 0 && links <= mostLinks; ) {
    const part = rest.shift() ?? '';
    if (part === '' || part === '.') continue;
    if (part === '..') {
      done = done.slice(0, -1);
      continue;
    }
    const at = join(root, ...done, part);
    if (!lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink()) {
      done.push(part);
      continue;
    }
    links += 1;
    const target = readlinkSync(at);
    if (target.startsWith('/')) done = [];
    rest.unshift(...target.split('/'));
  }
  return join(root, ...done);
}
