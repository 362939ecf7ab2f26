/** The files of the page, which the build makes of `src/page`. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fail } from '../../errors.ts';

const types = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/page.js': ['page.js', 'text/javascript; charset=utf-8'],
  '/page.css': ['page.css', 'text/css; charset=utf-8'],
} as const;

export interface PageFile {
  readonly type: string;
  readonly content: Buffer;
}

/** Beside the bundle, or in dist where the engine runs from its source. */
const folders = [new URL('page/', import.meta.url), new URL('../../../dist/page/', import.meta.url)];

/** Throws PAGE_NOT_BUILT. */
export function pageFolder(): URL {
  const found = folders.find((folder) => existsSync(new URL('index.html', folder)));
  if (!found) throw fail('PAGE_NOT_BUILT');
  return found;
}

/** Undefined where the page has no such file. */
export async function pageFile(path: string): Promise<PageFile | undefined> {
  if (!Object.hasOwn(types, path)) return undefined;
  const [file, type] = types[path as keyof typeof types];
  return { type, content: await readFile(new URL(file, pageFolder())) };
}
