/** Reads a plugin's files without blocking on a FIFO and without reading an endless device. */
import { constants, open, stat } from 'node:fs/promises';
import { fail } from '../errors.ts';

/** Undefined if it is not a regular file. Throws system errors, and PLUGIN_FILE_INVALID above `limit` bytes. */
export async function readPluginFile(path: string, limit: number): Promise<Buffer | undefined> {
  const found = await stat(path);
  if (!found.isFile()) return undefined;
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const bytes = Buffer.alloc(Math.min(found.size, limit) + 1);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    if (bytesRead > limit) throw fail('PLUGIN_FILE_INVALID', path, `it is larger than ${limit} bytes`);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
