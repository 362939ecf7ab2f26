/** Resolves a container's `User` by the passwd and group files of its root. */
import { basename, dirname } from 'node:path';
import { fail } from '../errors.ts';
import { readInRoot } from '../kernel/files/read-in-root.ts';
import { asBytes, askOnHost, asText, mountAt, type RootView, rootTree } from './root-tree.ts';
import { resolveOnDisk } from './tar/resolve.ts';

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Limit in bytes; containers control these files. */
const largestFile = 1 << 20;

/** The lines of an account file as the container sees it; empty where it is no plain file. */
async function linesOf(view: RootView, file: string): Promise<string[][]> {
  const { path } = await resolveOnDisk(rootTree(view), asBytes(file), { followLast: true, above: 'stay' });
  const mount = mountAt(view, asText(path));
  const root = mount ? mount.source : view.root;
  const found = await askOnHost(view, path, (bytes) => {
    const host = bytes.toString();
    return host === root
      ? readInRoot(dirname(root), basename(root), largestFile)
      : readInRoot(root, host.slice(root.length + 1), largestFile);
  });
  if (found.kind !== 'file') return [];
  return found.text.split('\n').map((line) => line.split(':'));
}

/** `name`, `uid`, `name:group`, `uid:gid`. Throws BAD_REQUEST for unknown names. */
export async function ownerOf(view: RootView, user: string): Promise<Owner> {
  const [who = '', group] = user.split(':');
  const accounts = await linesOf(view, '/etc/passwd');
  const line = accounts.find(([name, , uid]) => name === who || uid === who);
  const uid = numberOf(line?.[2] ?? who);
  if (uid === undefined) throw fail('BAD_REQUEST', `no matching entries in passwd file: ${who}`);
  if (group === undefined) return { uid, gid: numberOf(line?.[3] ?? '0') ?? 0 };
  const groups = await linesOf(view, '/etc/group');
  const gid = numberOf(groups.find(([name]) => name === group)?.[2] ?? group);
  if (gid === undefined) throw fail('BAD_REQUEST', `no matching entries in group file: ${group}`);
  return { uid, gid };
}

const numberOf = (text: string): number | undefined => (/^\d{1,10}$/.test(text) ? Number(text) : undefined);
