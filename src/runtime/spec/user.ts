/** Resolves `--user` and `--group-add` by the container's own /etc/passwd and /etc/group. */
import { fail } from '../../errors.ts';
import type { OciUser } from './oci.ts';

/** Text of the two files; '' for a missing one. */
export interface AccountFiles {
  readonly passwd: string;
  readonly group: string;
}

interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

interface Group {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

const largestId = 2 ** 31 - 1;

const fieldsOf = (text: string): string[][] =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => line.trim().split(':'));

/** passwd(5). */
const accountsOf = (passwd: string): Account[] =>
  fieldsOf(passwd).map((f) => ({ name: f[0] ?? '', uid: Number(f[2] ?? ''), gid: Number(f[3] ?? '') }));

/** group(5). */
const groupsOf = (group: string): Group[] =>
  fieldsOf(group).map((f) => ({
    name: f[0] ?? '',
    gid: Number(f[2] ?? ''),
    members: (f[3] ?? '').split(',').filter((m) => m !== ''),
  }));

/** A number within the kernel's range, or undefined for a name. */
function numeric(text: string): number | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined;
  const value = Number(text);
  if (value < 0 || value > largestId) {
    throw fail('CONTAINER_CONFIG_INVALID', 'uids and gids must be in range 0-2147483647');
  }
  return value;
}

function findGroup(groups: readonly Group[], wanted: string): number {
  const byName = groups.find((group) => group.name === wanted);
  const gid = byName?.gid ?? numeric(wanted);
  if (gid === undefined) {
    throw fail(
      'CONTAINER_CONFIG_INVALID',
      `unable to find group ${wanted}: no matching entries in group file`,
    );
  }
  return gid;
}

/** `root` and its numbers where nothing is asked; a bare uid that no account has keeps group 0. */
function findAccount(accounts: readonly Account[], wanted: string): Account {
  if (wanted === '') return accounts.find((a) => a.uid === 0) ?? { name: 'root', uid: 0, gid: 0 };
  const byName = accounts.find((a) => a.name === wanted);
  if (byName) return byName;
  const uid = numeric(wanted);
  if (uid === undefined) {
    throw fail(
      'CONTAINER_CONFIG_INVALID',
      `unable to find user ${wanted}: no matching entries in passwd file`,
    );
  }
  return accounts.find((a) => a.uid === uid) ?? { name: '', uid, gid: 0 };
}

/**
 * Resolve `user[:group]`. Without a group the account's own group and its supplementary groups are
 * taken; with one only that group (as Docker does). `extraGroups` (names or numbers) are added.
 */
export function resolveUser(user: string, extraGroups: readonly string[], files: AccountFiles): OciUser {
  const [userPart = '', groupPart = ''] = user.split(':', 2);
  const groups = groupsOf(files.group);
  const account = findAccount(accountsOf(files.passwd), userPart);
  const supplementary = groups.filter((g) => account.name !== '' && g.members.includes(account.name));
  const gids = groupPart === '' ? supplementary.map((g) => g.gid) : [];
  const gid = groupPart === '' ? account.gid : findGroup(groups, groupPart);
  const all = [...gids, ...extraGroups.map((name) => findGroup(groups, name))];
  // runc sets the list as it is, and a process's own group belongs to it (setgroups(2), login).
  return { uid: account.uid, gid, additionalGids: [...new Set([gid, ...all])] };
}
