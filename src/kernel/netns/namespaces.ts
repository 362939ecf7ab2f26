/** Network namespaces by their files: made, removed, listed. */
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errno, MNT_DETACH } from '../ffi/constants.ts';
import { kernelError } from '../ffi/fault.ts';
import * as libc from '../ffi/libc.ts';
import { isBelow, type Mounted, readMounts } from '../mounts/mountinfo.ts';
import { bindNewNamespace } from './enter.ts';

/**
 * Makes a namespace and binds it to `path` (its folder and an empty file are made). One that is
 * mounted there already is left as it is. Its loopback link is down, as the kernel makes it.
 */
export function createNamespace(path: string): void {
  if (readMounts().some((mounted) => mounted.target === path && isNamespace(mounted))) return;
  mkdirSync(dirname(path), { recursive: true });
  closeSync(openSync(path, 'a', 0o444));
  bindNewNamespace(path);
}

/** Takes the file away; the namespace and its links go with their last user. */
export async function removeNamespace(path: string): Promise<void> {
  await unmountOffLoop(path);
  await unlink(path).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  });
}

/** Paths below `folder` on which a namespace is mounted. */
export function listNamespaces(folder: string): readonly string[] {
  const targets = readMounts()
    .filter((mounted) => isNamespace(mounted) && isBelow(mounted.target, folder))
    .map(({ target }) => target);
  return [...new Set(targets)].sort();
}

const isNamespace = (mounted: Mounted): boolean => mounted.type === 'nsfs' && mounted.root.startsWith('net:');

/** On a pool thread: the kernel waits for all processors before a mount is gone. */
function unmountOffLoop(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    libc.umount2.async(path, MNT_DETACH, (thrown, result) => {
      const reason = result < 0 ? libc.lastErrno() : 0;
      if (thrown) reject(thrown);
      else if (reason === 0 || reason === errno.EINVAL || reason === errno.ENOENT) resolve();
      else reject(kernelError(`unmount network namespace "${path}"`, reason));
    });
  });
}
