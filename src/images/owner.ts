/** Whom a container's `User` means, by the passwd and group files of its root. */
import { readFileSync } from 'node:fs';
import { fail } from '../errors.ts';
import { asBytes, onHost, type RootView, rootTree, statInRoot } from './root-tree.ts';
import { resolveInRoot } from './tar/resolve.ts';

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Larger ones are not read: a container could make them. */
const largestFile = 1 << 20;

function linesOf(view: RootView, file: string): string[][] {
  const { path } = resolveInRoot(rootTree(view), asBytes(file), { followLast: true, above: 'stay' });
  const stats = statInRoot(view, path);
  if (!stats?.isFile() || stats.size > largestFile) return [];
  return readFileSync(onHost(view, path), 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
}

/** `name`, `uid`, `name:group`, `uid:gid`. Throws BAD_REQUEST for names that are not there. */
export function ownerOf(view: RootView, user: string): Owner {
  const [who = '', group] = user.split(':');
  const line = linesOf(view, '/etc/passwd').find(([name, , uid]) => name === who || uid === who);
  const uid = numberOf(line?.[2] ?? who);
  if (uid === undefined) throw fail('BAD_REQUEST', `no matching entries in passwd file: ${who}`);
  if (group === undefined) return { uid, gid: numberOf(line?.[3] ?? '0') ?? 0 };
  const gid = numberOf(linesOf(view, '/etc/group').find(([name]) => name === group)?.[2] ?? group);
  if (gid === undefined) throw fail('BAD_REQUEST', `no matching entries in group file: ${group}`);
  return { uid, gid };
}

const numberOf = (text: string): number | undefined => (/^\d{1,10}$/.test(text) ? Number(text) : undefined);
