/**
 * Paths inside a root, resolved as if the root were `/`: symbolic links are followed within it and
 * never out of it. Works on any tree that can be asked, an archive's own entries or a folder.
 */
import { fail } from '../../errors.ts';
import { readable } from './entry.ts';

/** What stands at a path; `target` for symbolic links. */
export interface TreeNode {
  readonly kind: 'dir' | 'symlink' | 'other';
  readonly target?: string;
}

/** Paths are relative to the root, without leading slash, '' for the root. */
export interface Tree {
  node(path: string): TreeNode | undefined;
}

/** A tree whose file system may take its time. */
export interface TreeOnDisk {
  node(path: string): Promise<TreeNode | undefined>;
}

export interface ResolveOptions {
  /** Follow a link that the last component is. */
  readonly followLast: boolean;
  /** `..` above the root: an error (archives), or the root itself as in a chroot (containers). */
  readonly above: 'refuse' | 'stay';
}

export interface Resolved {
  readonly path: string;
  /** Folders on the way that are not there. */
  readonly missing: readonly string[];
}

/** As the kernel (MAXSYMLINKS). */
const mostLinks = 40;

const parts = (path: string): string[] => path.split('/').filter((part) => part !== '' && part !== '.');

/** Resolve; throws IMAGE_INVALID with the path quoted. What is not there counts as a folder to be made. */
export function resolveInRoot(tree: Tree, asked: string, options: ResolveOptions): Resolved {
  const walk = walkOf(asked, options);
  let step = walk.next();
  while (!step.done) step = walk.next(tree.node(step.value));
  return step.value;
}

/** The same where nodes are looked up on a disk. */
export async function resolveOnDisk(
  tree: TreeOnDisk,
  asked: string,
  options: ResolveOptions,
): Promise<Resolved> {
  const walk = walkOf(asked, options);
  let step = walk.next();
  while (!step.done) step = walk.next(await tree.node(step.value));
  return step.value;
}

/** Yields the paths whose nodes it needs. */
function* walkOf(asked: string, options: ResolveOptions): Generator<string, Resolved, TreeNode | undefined> {
  const todo = parts(asked);
  const done: string[] = [];
  const missing = new Set<string>();
  let links = 0;
  for (let part = todo.shift(); part !== undefined; part = todo.shift()) {
    if (part === '..') {
      if (done.length === 0 && options.above === 'refuse')
        throw fail('IMAGE_INVALID', `${readable(asked)} leads out of the root`);
      done.pop();
      continue;
    }
    done.push(part);
    const last = todo.length === 0;
    const path = done.join('/');
    const node = yield path;
    if (node?.kind === 'symlink' && !(last && !options.followLast)) {
      if (++links > mostLinks)
        throw fail('IMAGE_INVALID', `${readable(asked)}: too many levels of symbolic links`);
      done.pop();
      if (node.target?.startsWith('/')) done.length = 0;
      todo.unshift(...parts(node.target ?? ''));
    } else if (node?.kind === 'other' && !last) {
      throw fail('IMAGE_INVALID', `${readable(asked)}: ${readable(path)} is not a directory`);
    } else if (!node && !last) {
      missing.add(path);
    }
  }
  return { path: done.join('/'), missing: [...missing] };
}

/** The path without `.`, `..` and doubled slashes, by its text alone; undefined if it leads above the root. */
export function cleanPath(path: string): string | undefined {
  const done: string[] = [];
  for (const part of parts(path)) {
    if (part !== '..') done.push(part);
    else if (done.pop() === undefined) return undefined;
  }
  return done.join('/');
}

/** Folder and last component. */
export function splitPath(path: string): readonly [folder: string, base: string] {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? ['', path] : [path.slice(0, slash), path.slice(slash + 1)];
}
