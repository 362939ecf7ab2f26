/** The folder of a container below the data root. */
import { join } from 'node:path';
import { removeTree } from '../../kernel/files/remove-tree.ts';
import type { Core } from '../core.ts';

export async function forgetFolder(core: Pick<Core, 'folders'>, id: string): Promise<void> {
  await removeTree(join(core.folders.containers, id));
}
