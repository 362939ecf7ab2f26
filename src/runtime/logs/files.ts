/** The files of one log: `ID.log` is written, `ID.log.1` is the one before, `ID.log.2` older. */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

const absent = (thrown: unknown): boolean => (thrown as NodeJS.ErrnoException).code === 'ENOENT';

/** Paths, oldest first; none when nothing was logged yet. */
export async function logFiles(log: string): Promise<readonly string[]> {
  const [folder, name] = [dirname(log), basename(log)];
  const entries = await readdir(folder).catch((thrown: unknown) => {
    if (absent(thrown)) return [];
    throw thrown;
  });
  const ages = entries.flatMap((entry) => {
    if (entry === name) return [0];
    const match = entry.startsWith(`${name}.`) ? /^\d+$/.exec(entry.slice(name.length + 1)) : null;
    return match ? [Number(match[0])] : [];
  });
  return ages.toSorted((a, b) => b - a).map((age) => join(folder, age === 0 ? name : `${name}.${age}`));
}

/** Undefined when it is not there. */
export async function inodeOf(path: string): Promise<bigint | undefined> {
  try {
    return (await stat(path, { bigint: true })).ino;
  } catch (thrown) {
    if (absent(thrown)) return undefined;
    throw thrown;
  }
}
