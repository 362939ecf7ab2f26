/** Decides where entries of an archive go that is unpacked into an existing root. */
import { fail } from '../errors.ts';
import { type RootView, rootTree } from './root-tree.ts';
import { readable, type TarEntry } from './tar/entry.ts';
import { cleanPath, resolveInRoot, splitPath, type Tree, type TreeNode } from './tar/resolve.ts';
import { plainEntry } from './tar/writer.ts';

export interface Landing {
  /** Folders to be made first. */
  readonly before: readonly TarEntry[];
  /** The entry with names relative to the root; undefined for none. */
  readonly entry: TarEntry | undefined;
}

const refuse = (why: string): Error => fail('IMAGE_INVALID', why);

export class InsertJudge {
  readonly #into: string;
  readonly #keepKinds: boolean;
  /** Entries so far, which tar may not have written yet. */
  readonly #brought = new Map<string, TreeNode>();
  readonly #tree: Tree;

  constructor(view: RootView, options: { readonly into: string; readonly keepKinds: boolean }) {
    this.#into = options.into;
    this.#keepKinds = options.keepKinds;
    const there = rootTree(view);
    this.#tree = { node: (path) => this.#brought.get(path) ?? there.node(path) };
  }

  /** Throws IMAGE_INVALID or BAD_REQUEST. */
  judge(entry: TarEntry): Landing {
    const clean = cleanPath(entry.name);
    if (clean === undefined || entry.name.includes('\0'))
      throw refuse(`invalid path ${readable(entry.name)}: it leads out of the folder`);
    if (clean === '') return { before: [], entry: undefined }; // the folder itself stays as it is
    const { path, missing } = this.#landing(clean);
    this.#mayReplace(path, entry);
    for (const folder of missing) this.#brought.set(folder, { kind: 'dir' });
    const linkName = entry.kind === 'link' ? this.#target(entry) : entry.linkName;
    this.#note(path, entry);
    const before = missing.map((folder) => ({ ...plainEntry('dir', folder), mtime: entry.mtime }));
    return { before, entry: { ...entry, name: path, linkName } };
  }

  /** Links on the way are followed inside the root; the last component never is. */
  #landing(clean: string): { readonly path: string; readonly missing: readonly string[] } {
    const [folder, base] = splitPath(this.#into ? `${this.#into}/${clean}` : clean);
    const parent = resolveInRoot(this.#tree, folder, { followLast: true, above: 'stay' });
    const node = parent.path === '' ? { kind: 'dir' } : this.#tree.node(parent.path);
    if (node && node.kind !== 'dir') throw refuse(`${readable(parent.path)} is not a directory`);
    const missing = node ? parent.missing : [...parent.missing, parent.path];
    return { path: parent.path ? `${parent.path}/${base}` : base, missing };
  }

  #mayReplace(path: string, entry: TarEntry): void {
    const there = this.#tree.node(path);
    if (!there) return;
    const place = readable(`/${path}`);
    if (there.kind === 'dir' && entry.kind !== 'dir')
      throw fail(
        'BAD_REQUEST',
        `cannot overwrite directory ${place} with non-directory ${readable(entry.name)}`,
      );
    if (this.#keepKinds && there.kind !== 'dir' && entry.kind === 'dir')
      throw fail(
        'BAD_REQUEST',
        `cannot overwrite non-directory ${place} with directory ${readable(entry.name)}`,
      );
  }

  #target(entry: TarEntry): string {
    const clean = cleanPath(entry.linkName);
    if (clean === undefined)
      throw refuse(`invalid hard link ${readable(entry.name)} -> ${readable(entry.linkName)}`);
    return this.#landing(clean).path;
  }

  #note(path: string, entry: TarEntry): void {
    const kind = entry.kind === 'dir' || entry.kind === 'symlink' ? entry.kind : 'other';
    this.#brought.set(path, { kind, ...(kind === 'symlink' ? { target: entry.linkName } : {}) });
  }
}
