/** Small folders that nobody but the engine and its runtime write to. */
import { existsSync, rmSync } from 'node:fs';
import { fail } from '../../errors.ts';

const mostTries = 10;

/**
 * Removes the folder and what is in it. One call of a few system calls: a tenth of the work of `removeTree`, which
 * is for what containers and images fill, of any depth.
 *
 * Where somebody else removes a file of it at the same moment, as conmon does when it ends, Node's `rmSync` leaves the
 * rest and says nothing (std::filesystem::remove_all fails with ENOENT, which Node takes for success).
 */
export function removeOwnFolder(path: string): void {
  for (let tries = 0; tries < mostTries; tries++) {
    rmSync(path, { recursive: true, force: true });
    if (!existsSync(path)) return;
  }
  throw fail('KERNEL', `remove ${path}`, 'somebody writes to it');
}
