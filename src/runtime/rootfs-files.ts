/** Reading a small file of a container's root without being led out of it by its symbolic links. */
import { closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { AccountFiles } from './spec/user.ts';

/** More would be no account file. */
const largest = 4 * 1024 * 1024;

/** As many as the kernel follows (path_resolution(7)). */
const mostLinks = 40;

/** Resolve `path` as if `root` were `/`: `..` and absolute links stay inside. The last part may be missing. */
export function resolveInRoot(root: string, path: string): string {
  const rest = path.split('/');
  let done: string[] = [];
  for (let links = 0; rest.length > 0; ) {
    const part = rest.shift() ?? '';
    if (part === '' || part === '.') continue;
    if (part === '..') {
      done = done.slice(0, -1);
      continue;
    }
    const at = join(root, ...done, part);
    const stat = lstatSync(at, { throwIfNoEntry: false });
    if (!stat?.isSymbolicLink()) {
      done.push(part);
      continue;
    }
    links += 1;
    if (links > mostLinks) throw new Error(`too many levels of symbolic links: ${path}`);
    const target = readlinkSync(at);
    if (target.startsWith('/')) done = [];
    rest.unshift(...target.split('/'));
  }
  return join(root, ...done);
}

/** '' when it is not there, no plain file (a FIFO would block), or too large. */
function readSmallFile(path: string): string {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch {
    return '';
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile() || stat.size > largest) return '';
    const buffer = Buffer.alloc(stat.size);
    return buffer.toString('utf8', 0, readSync(fd, buffer, 0, buffer.length, 0));
  } finally {
    closeSync(fd);
  }
}

export function readAccountFiles(rootfs: string): AccountFiles {
  const read = (path: string): string => readSmallFile(resolveInRoot(rootfs, path));
  return { passwd: read('/etc/passwd'), group: read('/etc/group') };
}
