/** The folder of a container below the data root. */
import { join } from 'node:path';
import { removeOwnFolder } from '../../kernel/files/own-folder.ts';
import type { Core } from '../core.ts';

export async function forgetFolder(core: Pick<Core, 'folders'>, id: string): Promise<void> {
  removeOwnFolder(join(core.folders.containers, id));
}
