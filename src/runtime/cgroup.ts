/**
 * The cgroups of containers as files: v1 (a tree per controller), v2 (one tree) and hybrid (both).
 * A container's cgroup has the same absolute path in each tree.
 */
import { existsSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fail } from '../errors.ts';

export interface CgroupTrees {
  readonly version: 1 | 2;
  /** Controller (v1, also `name=systemd`) to its mount point. */
  readonly v1: ReadonlyMap<string, string>;
  /** Mount point of the unified tree, or ''. */
  readonly unified: string;
}

/** The lines of /proc/self/mountinfo (proc_pid_mountinfo(5)) that are cgroups. Pure. */
export function parseCgroupMounts(mountinfo: string): CgroupTrees {
  const v1 = new Map<string, string>();
  let unified = '';
  for (const line of mountinfo.split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const point = before.split(' ')[4] ?? '';
    const [type, , options = ''] = after.split(' ');
    if (type === 'cgroup2' && unified === '') unified = point;
    if (type !== 'cgroup') continue;
    for (const option of options.split(',')) {
      if (option !== 'rw' && option !== 'ro' && !v1.has(option)) v1.set(option, point);
    }
  }
  return { version: unified !== '' && v1.size === 0 ? 2 : 1, v1, unified };
}

/** Text of a file; '' if it cannot be read. */
export function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

/** Folder of a cgroup in the tree of a controller; '' if there is none. */
export function folderOf(trees: CgroupTrees, controller: string, path: string): string {
  const tree = trees.v1.get(controller) ?? (trees.version === 2 ? trees.unified : '');
  return tree === '' ? '' : join(tree, path);
}

function foldersOf(trees: CgroupTrees, path: string): readonly string[] {
  const points = [...new Set([...trees.v1.values(), ...(trees.unified === '' ? [] : [trees.unified])])];
  return points.map((point) => join(point, path));
}

function childrenOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(folder, entry.name));
  } catch {
    return [];
  }
}

function pidsBelow(folder: string): readonly number[] {
  const own = readOrEmpty(join(folder, 'cgroup.procs'))
    .split('\n')
    .filter((line) => line !== '')
    .map(Number);
  return [...own, ...childrenOf(folder).flatMap(pidsBelow)];
}

/** Every process in a cgroup and those below it. */
export function pidsOf(trees: CgroupTrees, path: string): readonly number[] {
  const tree = ['pids', 'memory', 'cpu', 'freezer']
    .map((c) => folderOf(trees, c, path))
    .find((f) => f !== '');
  return tree === undefined ? [] : [...new Set(pidsBelow(tree))].toSorted((a, b) => a - b);
}

/** False while a process is about to leave it. */
function removeFolder(folder: string): boolean {
  for (const child of childrenOf(folder)) removeFolder(child);
  try {
    rmdirSync(folder);
    return true;
  } catch {
    return !existsSync(folder);
  }
}

/** Removes a cgroup without processes from every tree. False if one is left: a process that was killed may not have ended yet. */
export function removeCgroup(trees: CgroupTrees, path: string): boolean {
  return foldersOf(trees, path)
    .map(removeFolder)
    .every((isGone) => isGone);
}

/** Removes a cgroup and its parents as far as they are empty. */
export function removeEmptyCgroup(trees: CgroupTrees, path: string): void {
  for (let at = path; at !== '/' && at !== '.'; at = dirname(at)) {
    for (const folder of foldersOf(trees, at)) {
      try {
        rmdirSync(folder);
      } catch {
        // Not there, or in use by somebody.
      }
    }
  }
}

interface Freezer {
  readonly file: string;
  readonly freeze: string;
  readonly thaw: string;
  readonly frozen: () => Promise<boolean>;
}

function freezerOf(trees: CgroupTrees, path: string): Freezer {
  const folder = folderOf(trees, 'freezer', path);
  if (folder === '') throw fail('KERNEL_LACKS', 'the cgroup freezer');
  if (trees.v1.has('freezer')) {
    const file = join(folder, 'freezer.state');
    const frozen = async (): Promise<boolean> => (await readFile(file, 'utf8')).trim() === 'FROZEN';
    return { file, freeze: 'FROZEN', thaw: 'THAWED', frozen };
  }
  const events = join(folder, 'cgroup.events');
  const frozen = async (): Promise<boolean> => /^frozen 1$/m.test(await readFile(events, 'utf8'));
  return { file: join(folder, 'cgroup.freeze'), freeze: '1', thaw: '0', frozen };
}

/** Attempts, with the milliseconds of each. */
const freezePatience = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

async function becomesFrozen(freezer: Freezer, patience: number): Promise<boolean> {
  const deadline = performance.now() + patience;
  while (!(await freezer.frozen())) {
    if (performance.now() > deadline) return false;
    await delay(1);
  }
  return true;
}

/**
 * Freezes every process of a cgroup; thaws it again if that fails within two seconds. A v1 freezer may fail at
 * first: a process in execve(2) waits for the end of its other threads, which are frozen already and must be
 * thawed between the attempts.
 */
export async function freeze(trees: CgroupTrees, path: string): Promise<void> {
  const freezer = freezerOf(trees, path);
  for (const patience of freezePatience) {
    await writeFile(freezer.file, freezer.freeze);
    if (await becomesFrozen(freezer, patience)) return;
    await writeFile(freezer.file, freezer.thaw);
    await delay(1);
  }
  throw fail('RUNTIME_FAILED', 'unable to freeze', 'some processes could not be stopped');
}

export async function thaw(trees: CgroupTrees, path: string): Promise<void> {
  const freezer = freezerOf(trees, path);
  await writeFile(freezer.file, freezer.thaw);
}

/** Thaws a cgroup if it exists: in cgroup v1 a frozen process does not die of SIGKILL. */
export function thawIfThere(trees: CgroupTrees, path: string): void {
  try {
    const { file, thaw: word } = freezerOf(trees, path);
    writeFileSync(file, word, { flag: 'r+' });
  } catch {
    // no such cgroup, or no freezer
  }
}

/**
 * Cgroup folders to which conmon must be moved, because the service manager would end it with the engine: in the
 * unified and the systemd tree. None if the engine is in their root.
 */
export function monitorFolders(trees: CgroupTrees, ownCgroups: string, path: string): readonly string[] {
  const named = (match: RegExp): string => match.exec(ownCgroups)?.[1] ?? '/';
  const outside: string[] = [];
  if (trees.unified !== '' && named(/^0::(.*)$/m) !== '/') outside.push(join(trees.unified, path));
  const systemd = trees.v1.get('name=systemd');
  if (systemd !== undefined && named(/^\d+:name=systemd:(.*)$/m) !== '/') outside.push(join(systemd, path));
  return outside;
}
