/**
 * Keys as ZooKeeper nodes. All segments but the last are folders; the last is prefixed by '='. A key and a folder of the same
 * name are therefore two nodes, and a node with a value never has children, which ephemeral nodes may not have.
 */

const mark = '=';

export class Paths {
  readonly root: string;

  constructor(folder: string) {
    this.root = folder === '' ? '' : `/${folder}`;
  }

  /** The node of a key. */
  of(key: string): string {
    const cut = key.lastIndexOf('/');
    const above = cut < 0 ? '' : `/${key.slice(0, cut)}`;
    return `${this.root}${above}/${mark}${key.slice(cut + 1)}`;
  }

  /** The folder of all keys below a prefix. */
  folder(prefix: string): string {
    return (prefix === '' ? this.root : `${this.root}/${prefix}`) || '/';
  }

  /** The key of a node; undefined for a folder. */
  key(path: string): string | undefined {
    const cut = path.lastIndexOf('/');
    if (path[cut + 1] !== mark || !path.startsWith(`${this.root}/`)) return undefined;
    const above = path.slice(this.root.length + 1, Math.max(this.root.length + 1, cut + 1));
    return `${above}${path.slice(cut + 2)}`;
  }
}

/** The parent folder of a node. */
export const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/';

export const childOf = (folder: string, name: string): string =>
  folder === '/' ? `/${name}` : `${folder}/${name}`;

/** All folders from the top down, without '/'. */
export function foldersTo(path: string): readonly string[] {
  const segments = path.split('/').slice(1);
  return segments
    .map((_, index) => `/${segments.slice(0, index + 1).join('/')}`)
    .filter((one) => one !== '/');
}
