/** Makes a folder in a container's root, by its path inside the container. */
import { constants } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { fail } from '../../errors.ts';
import { closeFd, openBelow } from './open-below.ts';

const flags = 0o10000000 | constants.O_DIRECTORY;

/** As `mkdir -p`, with links followed within the root. Throws START_FAILED where a component is no directory. */
export async function makeInRoot(root: string, path: string): Promise<void> {
  const top = await open(root, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    let at = '.';
    for (const name of path.split('/').filter(Boolean)) {
      await makeOne(top.fd, { parent: at, name, path });
      at = `${at}/${name}`;
    }
  } finally {
    await top.close();
  }
}

async function makeOne(
  root: number,
  { parent, name, path }: { readonly parent: string; readonly name: string; readonly path: string },
): Promise<void> {
  const there = await openBelow(root, Buffer.from(`${parent}/${name}`), { flags, resolve: 'inRoot' });
  if (there !== undefined) return closeFd(there);
  const above = await openBelow(root, Buffer.from(parent), { flags, resolve: 'inRoot' });
  if (above === undefined) throw fail('START_FAILED', `Cannot mkdir: ${path} is not a directory`);
  try {
    await mkdir(`/proc/self/fd/${above}/${name}`, { mode: 0o755 });
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown;
    throw fail('START_FAILED', `Cannot mkdir: ${path} is not a directory`);
  } finally {
    await closeFd(above);
  }
}
