/** Where secrets and configs of a task lie on the host: in a tmpfs of its own, with a list of what goes where. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrno } from '../../system-error.ts';

/** A file of the tmpfs, and its path in the container. */
export interface TaskMount {
  readonly source: string;
  readonly target: string;
}

export const taskFolders = (execRoot: string): string => join(execRoot, 'tasks');
export const taskFolder = (execRoot: string, containerId: string): string =>
  join(taskFolders(execRoot), containerId);
export const mountList = 'mounts.json';

/** What is mounted into a container beside what it asks for itself; nothing into one that is no task. */
export async function taskMounts(execRoot: string, containerId: string): Promise<readonly TaskMount[]> {
  try {
    return JSON.parse(await readFile(join(taskFolder(execRoot, containerId), mountList), 'utf8'));
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return [];
    throw error;
  }
}
