/** The folder of a container below the data root. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Core } from '../core.ts';

export async function forgetFolder(core: Pick<Core, 'folders'>, id: string): Promise<void> {
  await rm(join(core.folders.containers, id), { recursive: true, force: true });
}
