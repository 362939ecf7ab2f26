/** Paths that are longer than PATH_MAX. */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A new folder with a chain of folders in it, and a file `file` in the last: built from there upwards. */
export function chainOf(
  folder: string,
  { name, levels }: { readonly name: string; readonly levels: number },
): void {
  const [made, above] = [`${folder}.made`, `${folder}.above`];
  mkdirSync(made);
  writeFileSync(join(made, 'file'), 'end\n');
  for (let level = 0; level < levels; level++) {
    mkdirSync(above);
    renameSync(made, join(above, name));
    renameSync(above, made);
  }
  renameSync(made, folder);
}
