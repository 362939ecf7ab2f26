/** Makes, lists and removes network namespaces by their files. */
import { closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { patiently } from '../../files/patiently.ts';
import { errno, MNT_DETACH } from '../ffi/constants.ts';
import { kernelError } from '../ffi/fault.ts';
import * as libc from '../ffi/libc.ts';
import { offLoop } from '../ffi/off-loop.ts';
import { isBelow, type Mounted, readMounts } from '../mounts/mountinfo.ts';
import { bindNewNamespace, OWN_NAMESPACE } from './enter.ts';

/**
 * Makes a namespace and binds it to `path` (its folder and an empty file are made). An existing one
 * stays as it is. The loopback link of a new one is down.
 */
export function createNamespace(path: string): void {
  if (isNamespaceFile(path)) return;
  mkdirSync(dirname(path), { recursive: true });
  closeSync(openSync(path, 'a', 0o444));
  bindNewNamespace(path);
}

/** By its file system (nsfs), which costs the same however much is mounted. */
export function isNamespaceFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.dev === statSync(OWN_NAMESPACE).dev;
}

/** Removes the file; the namespace and its links end with their last user. */
export async function removeNamespace(path: string): Promise<void> {
  await unmountOffLoop(path);
  // where this fails, the file is no longer a mount and is not taken for a namespace
  await patiently(() => rm(path, { force: true }));
}

/** Paths below `folder` on which a namespace is mounted. */
export function listNamespaces(folder: string): readonly string[] {
  const targets = readMounts()
    .filter((mounted) => isNamespace(mounted) && isBelow(mounted.target, folder))
    .map(({ target }) => target);
  return [...new Set(targets)].sort();
}

const isNamespace = (mounted: Mounted): boolean => mounted.type === 'nsfs' && mounted.root.startsWith('net:');

/** On a pool thread: unmounting takes an RCU grace period. */
function unmountOffLoop(path: string): Promise<void> {
  return offLoop(
    (done) => libc.umount2.async(path, MNT_DETACH, done),
    (result) => {
      const reason = result < 0 ? libc.lastErrno() : 0;
      if (reason !== 0 && reason !== errno.EINVAL && reason !== errno.ENOENT)
        throw kernelError(`unmount network namespace "${path}"`, reason);
    },
  );
}
