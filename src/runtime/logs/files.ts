/** The files of one log: `ID.log` is written, `ID.log.1` is the one before, `ID.log.2` (or `.2.gz`) older. */
import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, readdir, stat, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createGunzip } from 'node:zlib';

const absent = (thrown: unknown): boolean => (thrown as NodeJS.ErrnoException).code === 'ENOENT';

/** Paths, oldest first; none if nothing was logged yet. */
export async function logFiles(log: string): Promise<readonly string[]> {
  const [folder, name] = [dirname(log), basename(log)];
  const entries = await readdir(folder).catch((thrown: unknown) => {
    if (absent(thrown)) return [];
    throw thrown;
  });
  const byAge = new Map<number, string>();
  for (const entry of entries) {
    const match = entry.startsWith(`${name}.`) ? /^(\d+)(?:\.gz)?$/.exec(entry.slice(name.length + 1)) : null;
    const age = entry === name ? 0 : match ? Number(match[1]) : undefined;
    // while it is being compressed it exists twice
    if (age !== undefined && !(byAge.has(age) && entry.endsWith('.gz'))) byAge.set(age, entry);
  }
  return [...byAge].toSorted(([a], [b]) => b - a).map(([, entry]) => join(folder, entry));
}

/** Opens a file for reading; a compressed one is decompressed to an unlinked file. */
export async function openLogFile(path: string): Promise<FileHandle> {
  if (!path.endsWith('.gz')) return open(path);
  const temporary = join(tmpdir(), `seaway-log-${randomUUID()}`);
  const source = await open(path);
  try {
    const handle = await open(temporary, 'wx+', 0o600);
    try {
      await unlink(temporary);
      const plain = createReadStream('', { fd: source, autoClose: false }).pipe(createGunzip());
      for await (const chunk of plain) await handle.appendFile(chunk);
      return handle;
    } catch (error) {
      await handle.close();
      throw error;
    }
  } finally {
    await source.close();
  }
}

/** Undefined if it does not exist. */
export async function inodeOf(path: string): Promise<bigint | undefined> {
  try {
    return (await stat(path, { bigint: true })).ino;
  } catch (thrown) {
    if (absent(thrown)) return undefined;
    throw thrown;
  }
}
