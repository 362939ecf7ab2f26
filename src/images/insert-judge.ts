/** Decides where entries of an archive go that is unpacked into an existing root. */
import { fail } from '../errors.ts';
import { type RootView, rootTree } from './root-tree.ts';
import { readable, type TarEntry } from './tar/entry.ts';
import {
  cleanPath,
  type Resolved,
  resolveOnDisk,
  splitPath,
  type TreeNode,
  type TreeOnDisk,
} from './tar/resolve.ts';
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
  readonly #tree: TreeOnDisk;
  /** Folders that are there, by the path in the archive. */
  readonly #folders = new Map<string, string>();

  constructor(view: RootView, options: { readonly into: string; readonly keepKinds: boolean }) {
    this.#into = options.into;
    this.#keepKinds = options.keepKinds;
    const there = rootTree(view);
    this.#tree = { node: async (path) => this.#brought.get(path) ?? there.node(path) };
  }

  /** Throws IMAGE_INVALID or BAD_REQUEST. */
  async judge(entry: TarEntry): Promise<Landing> {
    const clean = cleanPath(entry.name);
    if (clean === undefined || entry.name.includes('\0'))
      throw refuse(`invalid path ${readable(entry.name)}: it leads out of the folder`);
    if (clean === '') return { before: [], entry: undefined }; // the folder itself stays as it is
    const { path, missing } = await this.#landing(clean);
    const there = await this.#tree.node(path);
    this.#mayReplace(path, entry, there);
    for (const folder of missing) this.#brought.set(folder, { kind: 'dir' });
    const linkName = entry.kind === 'link' ? await this.#target(entry) : entry.linkName;
    if (there?.kind === 'symlink' || entry.kind === 'symlink') this.#folders.clear();
    this.#note(path, entry);
    const before = missing.map((folder) => ({ ...plainEntry('dir', folder), mtime: entry.mtime }));
    return { before, entry: { ...entry, name: path, linkName } };
  }

  /** Links on the way are followed inside the root; the last component never is. */
  async #landing(clean: string): Promise<Resolved> {
    const [folder, base] = splitPath(this.#into ? `${this.#into}/${clean}` : clean);
    const { path, missing } = await this.#folder(folder);
    return { path: path ? `${path}/${base}` : base, missing };
  }

  async #folder(asked: string): Promise<Resolved> {
    const known = this.#folders.get(asked);
    if (known !== undefined) return { path: known, missing: [] };
    const { path, missing } = await resolveOnDisk(this.#tree, asked, { followLast: true, above: 'stay' });
    const node = path === '' ? { kind: 'dir' } : await this.#tree.node(path);
    if (node && node.kind !== 'dir') throw refuse(`${readable(path)} is not a directory`);
    if (!node) return { path, missing: [...missing, path] };
    if (missing.length === 0) this.#folders.set(asked, path);
    return { path, missing };
  }

  #mayReplace(path: string, entry: TarEntry, there: TreeNode | undefined): void {
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

  async #target(entry: TarEntry): Promise<string> {
    const clean = cleanPath(entry.linkName);
    if (clean === undefined)
      throw refuse(`invalid hard link ${readable(entry.name)} -> ${readable(entry.linkName)}`);
    return (await this.#landing(clean)).path;
  }

  #note(path: string, entry: TarEntry): void {
    const kind = entry.kind === 'dir' || entry.kind === 'symlink' ? entry.kind : 'other';
    this.#brought.set(path, { kind, ...(kind === 'symlink' ? { target: entry.linkName } : {}) });
  }
}
