/** The account files of a container's root (/etc/passwd, /etc/group). */
import { fail } from '../errors.ts';
import { readInRoot } from '../kernel/files/read-in-root.ts';
import type { AccountFiles } from './spec/user.ts';

/** Largest account file in bytes. */
const largest = 4 * 1024 * 1024;

/**
 * Throws START_FAILED if one is neither a plain file nor missing: the runtime opens them inside the container, too,
 * and would wait for ever at a FIFO.
 */
export async function readAccountFiles(rootfs: string): Promise<AccountFiles> {
  const read = async (path: string): Promise<string> => {
    const found = await readInRoot(rootfs, path, largest);
    if (found.kind === 'file') return found.text;
    if (found.kind === 'special') throw fail('START_FAILED', `open ${path}: not a regular file`);
    return '';
  };
  return { passwd: await read('/etc/passwd'), group: await read('/etc/group') };
}
