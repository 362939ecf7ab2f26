/** Reads a small file of a container's root, by its path inside the container. */
import { constants, fstat, read } from 'node:fs';
import { open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { closeFd, openBelow } from './open-below.ts';

const statOf = promisify(fstat);
const O_PATH = 0o10000000;

/** The text of a plain file, or why there is none. */
export type SmallFile =
  | { readonly kind: 'file'; readonly text: string }
  | { readonly kind: 'missing' | 'special' | 'tooLarge' };

/**
 * Only plain files are opened for reading: a FIFO would block, and opening a device may have effects.
 * @param most limit in bytes; a larger file is not read.
 */
export async function readInRoot(root: string, path: string, most: number): Promise<SmallFile> {
  const folder = await open(root, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    const fd = await openBelow(folder.fd, Buffer.from(path), { flags: O_PATH, resolve: 'inRoot' });
    if (fd === undefined) return { kind: 'missing' };
    try {
      return await readPlain(fd, most);
    } finally {
      await closeFd(fd);
    }
  } finally {
    await folder.close();
  }
}

async function readPlain(fd: number, most: number): Promise<SmallFile> {
  const stats = await statOf(fd);
  if (!stats.isFile()) return { kind: 'special' };
  if (stats.size > most) return { kind: 'tooLarge' };
  const file = await open(`/proc/self/fd/${fd}`, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const buffer = Buffer.alloc(stats.size);
    const { bytesRead } = await promisify(read)(file.fd, buffer, 0, buffer.length, 0);
    return { kind: 'file', text: buffer.toString('utf8', 0, bytesRead) };
  } finally {
    await file.close();
  }
}
