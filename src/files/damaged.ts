/** Files that cannot be read as what they ought to be: named by their path, and put aside. */
import { renameSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fail, messageOf } from '../errors.ts';
import { hasErrno } from '../system-error.ts';

/** What a file of JSON has; undefined if it is not there. Throws FILE_DAMAGED with its path. */
export async function readJson(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (thrown) {
    if (hasErrno(thrown, 'ENOENT')) return undefined;
    throw thrown;
  }
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw fail('FILE_DAMAGED', path, text === '' ? 'it is empty' : messageOf(thrown));
  }
}

/** Rename it to a name that says so; the new path. Throws what the system says where that cannot be done. */
export function putAside(path: string, now: Date = new Date()): string {
  const aside = `${path}.damaged-${now.toISOString().replaceAll(/[:.]/g, '-')}`;
  renameSync(path, aside);
  return aside;
}
