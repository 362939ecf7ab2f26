/** Small folders that only the engine and its runtime write to. */
import { existsSync, rmSync } from 'node:fs';
import { fail } from '../../errors.ts';

const mostTries = 10;

/**
 * Removes the folder and its content, with a tenth of the work of `removeTree`, which is for trees of any depth
 * filled by containers and images.
 *
 * Where another program removes a file of it at the same moment, as conmon does when it ends, Node's `rmSync` leaves
 * the rest without an error (std::filesystem::remove_all fails with ENOENT, which Node takes for success).
 */
export function removeOwnFolder(path: string): void {
  for (let tries = 0; tries < mostTries; tries++) {
    rmSync(path, { recursive: true, force: true });
    if (!existsSync(path)) return;
  }
  throw fail('KERNEL', `remove ${path}`, 'another program writes to it');
}
