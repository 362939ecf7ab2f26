/** A container's root on the host with its mounts, for resolving paths inside. */
import type { Stats } from 'node:fs';
import { lstat, readlink, stat } from 'node:fs/promises';
import { hostPaths } from '../kernel/files/host-paths.ts';
import { hasErrno } from '../system-error.ts';
import { pathBytes } from './tar/entry.ts';
import type { TreeNode, TreeOnDisk } from './tar/resolve.ts';

/** A bind or volume of the container. */
export interface RootMount {
  readonly source: string;
  readonly destination: string;
  readonly readWrite: boolean;
}

/** The root's folder on the host and the container's mounts. */
export interface RootView {
  readonly root: string;
  readonly mounts?: readonly RootMount[];
  /** Id for messages; taken from the root's path by default. */
  readonly container?: string;
  /** The container's root is read-only: only its mounts can be written. */
  readonly readOnly?: boolean;
}

export const viewOf = (root: string | RootView): RootView => (typeof root === 'string' ? { root } : root);

const relative = (path: string): string => path.replace(/^\/+|\/+$/g, '');

/** The innermost mount with a path (relative to the root); undefined for the root's own files. */
export function mountAt(view: RootView, path: string): RootMount | undefined {
  const over = (view.mounts ?? []).filter(({ destination }) =>
    `${path}/`.startsWith(`${relative(destination)}/`),
  );
  return over.sort((a, b) => b.destination.length - a.destination.length)[0];
}

/** Mounts below a path, outer ones first. */
export function mountsBelow(view: RootView, path: string): readonly RootMount[] {
  const prefix = path === '' ? '' : `${path}/`;
  return (view.mounts ?? [])
    .filter(
      ({ destination }) => `${relative(destination)}/`.startsWith(prefix) && relative(destination) !== path,
    )
    .sort((a, b) => a.destination.length - b.destination.length);
}

/** The host's path of a resolved path, which must not have symbolic links on the way. */
export function onHost(view: RootView, path: string): Buffer {
  const mount = mountAt(view, path);
  if (!mount) return pathBytes(view.root, path);
  const rest = path.slice(relative(mount.destination).length).replace(/^\//, '');
  return rest === '' ? Buffer.from(mount.source) : pathBytes(mount.source, rest);
}

/** Asks for a resolved path on the host. A mount may be of a server that is dead: throws HOST_PATH_SILENT. */
export function askOnHost<T>(view: RootView, path: string, ask: (host: Buffer) => Promise<T>): Promise<T> {
  const host = onHost(view, path);
  return mountAt(view, path) ? hostPaths.ask(host.toString(), () => ask(host)) : ask(host);
}

/** The stat of a path without following links; undefined for a missing one. Mounts are never links. */
export async function statInRoot(view: RootView, path: string): Promise<Stats | undefined> {
  const mount = mountAt(view, path);
  const isMount = mount !== undefined && relative(mount.destination) === path;
  try {
    return await askOnHost(view, path, (host) => (isMount ? stat(host) : lstat(host)));
  } catch (thrown) {
    if (hasErrno(thrown, 'ENOENT', 'ENOTDIR')) return undefined;
    throw thrown;
  }
}

/** For `resolveOnDisk`. */
export function rootTree(view: RootView): TreeOnDisk {
  return {
    async node(path): Promise<TreeNode | undefined> {
      const stats = await statInRoot(view, path);
      if (!stats) return undefined;
      if (!stats.isSymbolicLink()) return { kind: stats.isDirectory() ? 'dir' : 'other' };
      const target = await askOnHost(view, path, (host) => readlink(host, 'latin1'));
      return { kind: 'symlink', target };
    },
  };
}

/** Text as a byte string. */
export const asBytes = (path: string): string => Buffer.from(path).toString('latin1');

/** A byte string as text. */
export const asText = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('utf8');
