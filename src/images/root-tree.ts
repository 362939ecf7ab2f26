/** A container's root on the host with its mounts, for resolving paths inside. */
import { lstatSync, readlinkSync, type Stats, statSync } from 'node:fs';
import { pathBytes } from './tar/entry.ts';
import type { Tree, TreeNode } from './tar/resolve.ts';

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

/** The stat of a path without following links; undefined for a missing one. Mounts are never links. */
export function statInRoot(view: RootView, path: string): Stats | undefined {
  const mount = mountAt(view, path);
  const isMount = mount !== undefined && relative(mount.destination) === path;
  const host = onHost(view, path);
  return isMount ? statSync(host, { throwIfNoEntry: false }) : lstatSync(host, { throwIfNoEntry: false });
}

/** For `resolveInRoot`; synchronous, so that the tree changes little while a path is walked. */
export function rootTree(view: RootView): Tree {
  return {
    node(path): TreeNode | undefined {
      const stats = statInRoot(view, path);
      if (!stats) return undefined;
      if (!stats.isSymbolicLink()) return { kind: stats.isDirectory() ? 'dir' : 'other' };
      return { kind: 'symlink', target: readlinkSync(onHost(view, path), 'latin1') };
    },
  };
}

/** Text as a byte string. */
export const asBytes = (path: string): string => Buffer.from(path).toString('latin1');

/** A byte string as text. */
export const asText = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('utf8');
