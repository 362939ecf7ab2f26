/** Mounts of the engine's mount namespace. */

import type { KernelMount } from '../doors.ts';
import { errno, MNT_DETACH, MS_BIND, MS_REC, MS_SHARED } from '../ffi/constants.ts';
import { checked, kernelError } from '../ffi/fault.ts';
import * as libc from '../ffi/libc.ts';
import { limitedOffLoop } from '../ffi/off-loop.ts';
import { isBelow, readMounts } from './mountinfo.ts';

const dataOf = ({ data }: KernelMount): Buffer | null => (data === '' ? null : Buffer.from(`${data}\0`));

const doing = ({ type, source, target }: KernelMount): string =>
  `mount ${type === '' ? source : type} on "${target}"`;

export function mount(spec: KernelMount): void {
  const { source, target, type, flags } = spec;
  checked(libc.mount(source, target, type, flags, dataOf(spec)), doing(spec));
}

/** A server that does not answer holds a thread for minutes; the other two of libuv's four stay free. */
const slowly = limitedOffLoop(2);

export function mountOffLoop(spec: KernelMount): Promise<void> {
  const { source, target, type, flags } = spec;
  return slowly(
    (done) => libc.mount.async(source, target, type, flags, dataOf(spec), done),
    (result) => void checked(result, doing(spec)),
  );
}

/** Shared propagation (mount_namespaces(7)) needs a mount of the folder itself. */
export function mountShared(folder: string): void {
  if (!listMounts(folder).includes(folder))
    mount({ source: folder, target: folder, type: '', flags: MS_BIND, data: '' });
  checked(libc.mount('', folder, '', MS_SHARED | MS_REC, null), `share the mounts below "${folder}"`);
}

/** Lazy: the mount leaves the tree at once and ends with its last user. */
export function unmount(target: string): void {
  if (libc.umount2(target, MNT_DETACH) === 0) return;
  const reason = libc.lastErrno();
  if (reason === errno.EINVAL || reason === errno.ENOENT) return;
  throw kernelError(`unmount "${target}"`, reason);
}

/** Mount points at or below a path, deepest and latest first, so that they can be unmounted in turn. */
export function listMounts(below: string): readonly string[] {
  return readMounts()
    .map(({ target }) => target)
    .filter((target) => isBelow(target, below))
    .reverse()
    .sort((a, b) => depth(b) - depth(a));
}

const depth = (path: string): number => path.split('/').length;
