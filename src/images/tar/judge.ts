/**
 * Decides for each entry of a layer, before anything is written, where it goes and whether it may. GNU tar
 * gets headers rewritten from these verdicts, so that it cannot interpret the archive differently.
 */
import { fail } from '../../errors.ts';
import { readable, type TarEntry } from './entry.ts';
import { cleanPath, resolveInRoot, splitPath, type Tree, type TreeNode } from './resolve.ts';

/** The verdict on an entry. Paths are relative to the root, '' for the root itself. */
export type Verdict =
  | {
      readonly kind: 'entry';
      readonly path: string;
      /** Target of a hard link, or text of a symbolic link. */
      readonly linkName: string;
      /** Folders on the path that the archive lacks, outermost first. */
      readonly missing: readonly string[];
    }
  | { readonly kind: 'whiteout'; readonly path: string; readonly missing: readonly string[] }
  | { readonly kind: 'opaque'; readonly path: string; readonly missing: readonly string[] }
  | { readonly kind: 'skip' };

const whiteoutPrefix = '.wh.';
const opaqueMark = '.wh..wh..opq';
const metaPrefix = '.wh..wh.';
/** PATH_MAX, with the NUL at its end. */
export const longestPath = 4095;

const refuse = (why: string): Error => fail('IMAGE_INVALID', why);

/** The judge of one layer. Holds a line per path of the archive. */
export class LayerJudge {
  readonly #seen = new Map<string, TreeNode>();
  readonly #tree: Tree = { node: (path) => this.#seen.get(path) };

  /** Throws IMAGE_INVALID. */
  judge(entry: TarEntry): Verdict {
    checkName(entry.name);
    const clean = cleanPath(entry.name);
    if (clean === undefined) throw refuse(`invalid path ${readable(entry.name)}: it leads out of the root`);
    if (clean === '') return this.#root(entry);
    const [folder, base] = splitPath(clean);
    const into = this.#folder(folder);
    const missing = this.#parents(into, entry);
    const at = (name: string): string => (into ? `${into}/${name}` : name);
    if (at(base).length > longestPath) throw refuse(`${readable(entry.name)}: file name too long`);
    if (base === opaqueMark) return { kind: 'opaque', path: into, missing };
    if (base.startsWith(metaPrefix)) return { kind: 'skip' };
    if (base.startsWith(whiteoutPrefix)) return this.#whiteout(entry, at, base, missing);
    const linkName = this.#linkName(entry, into);
    this.#note(at(base), entry);
    return { kind: 'entry', path: at(base), linkName, missing };
  }

  #root(entry: TarEntry): Verdict {
    if (entry.kind !== 'dir') throw refuse(`${readable(entry.name)} would replace the root`);
    return { kind: 'entry', path: '', linkName: '', missing: [] };
  }

  /** Where a folder really is. One that has been seen is where it says, and so are those above it. */
  #folder(path: string): string {
    if (this.#seen.get(path)?.kind === 'dir') return path;
    return resolveInRoot(this.#tree, path, { followLast: true, above: 'refuse' }).path;
  }

  /** The folders above that are not in the archive are noted as made. */
  #parents(folder: string, entry: TarEntry): string[] {
    if (this.#seen.get(folder)?.kind === 'dir') return [];
    const missing: string[] = [];
    const parts = folder === '' ? [] : folder.split('/');
    for (let count = 1; count <= parts.length; count++) {
      const path = parts.slice(0, count).join('/');
      const node = this.#seen.get(path);
      if (node && node.kind !== 'dir')
        throw refuse(`${readable(entry.name)}: ${readable(path)} is not a directory`);
      if (node) continue;
      missing.push(path);
      this.#seen.set(path, { kind: 'dir' });
    }
    return missing;
  }

  #whiteout(entry: TarEntry, at: (name: string) => string, base: string, missing: string[]): Verdict {
    const name = base.slice(whiteoutPrefix.length);
    if (name === '' || name === '.' || name === '..')
      throw refuse(`invalid whiteout ${readable(entry.name)}`);
    const path = at(name);
    if (this.#seen.has(path)) throw refuse(`${readable(path)} is both in the layer and deleted by it`);
    this.#seen.set(path, { kind: 'other' });
    return { kind: 'whiteout', path, missing };
  }

  #linkName(entry: TarEntry, folder: string): string {
    if (entry.kind === 'symlink') return checkSymlink(entry, folder);
    if (entry.kind !== 'link') return '';
    const says = `invalid hard link ${readable(entry.name)} to ${readable(entry.linkName)}`;
    if (entry.linkName.startsWith('/')) throw refuse(`${says}: an absolute target`);
    const clean = cleanPath(entry.linkName);
    if (clean === undefined) throw refuse(`${says}: it leads out of the root`);
    const target = resolveInRoot(this.#tree, clean, { followLast: false, above: 'refuse' }).path;
    const node = this.#seen.get(target);
    if (!node || node.kind === 'dir') throw refuse(`${says}: no such file before it in the archive`);
    return target;
  }

  /** Only folders may come twice. Otherwise the layer could not be written again as it was (nor does Docker). */
  #note(path: string, entry: TarEntry): void {
    const before = this.#seen.get(path);
    const kind = entry.kind === 'dir' || entry.kind === 'symlink' ? entry.kind : 'other';
    if (before && !(before.kind === 'dir' && kind === 'dir'))
      throw refuse(`duplicates of file paths are not supported: ${readable(path)}`);
    this.#seen.set(path, { kind, ...(kind === 'symlink' ? { target: entry.linkName } : {}) });
  }
}

function checkName(name: string): void {
  if (name === '') throw refuse('invalid tar header: an entry without a name');
  if (name.length > longestPath) throw refuse(`invalid tar header: a name of ${name.length} bytes`);
  if (name.includes('\0')) throw refuse('invalid tar header: a name with a NUL byte');
}

/** Relative links must stay inside by their text (as Docker judges); absolute ones start at the root. */
function checkSymlink(entry: TarEntry, folder: string): string {
  const target = entry.linkName;
  const says = `invalid symlink ${readable(entry.name)} -> ${readable(target)}`;
  if (target === '' || target.includes('\0') || target.length > longestPath) throw refuse(says);
  const joined = target.startsWith('/') ? target : `${folder}/${target}`;
  // an absolute one stays inside whatever its dots, because `/..` is `/`
  if (!target.startsWith('/') && cleanPath(joined) === undefined)
    throw refuse(`${says}: it leads out of the root`);
  return target;
}
