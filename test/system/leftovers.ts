/** What an engine has left on the machine, told by signs that no other engine has; and its removal. */
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readdirSync, readFileSync, rmdirSync, rmSync, statSync } from 'node:fs';

export interface Signs {
  /** Everything of the engine lies below it. */
  readonly folder: string;
  /** Name of its cgroups; '' where it has the default ones. */
  readonly cgroup: string;
  /** Paths of the network namespaces of its host: whatever runs in them is the engine's. */
  readonly namespaces: readonly string[];
}

const quiet = <T>(read: () => T, otherwise: T): T => {
  try {
    return read();
  } catch {
    return otherwise;
  }
};

const inodeOf = (path: string): number => quiet(() => statSync(path).ino, 0);

/** Processes of the engine: its own, its monitors, its resolver, its containers. */
export function processesOf({ folder, cgroup, namespaces }: Signs): readonly number[] {
  const inodes = new Set(namespaces.map(inodeOf).filter((inode) => inode !== 0));
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => {
    if (pid === process.pid || stateOf(pid) === 'Z') return false;
    const text = (file: string): string => quiet(() => readFileSync(`/proc/${pid}/${file}`, 'utf8'), '');
    if (inodes.has(inodeOf(`/proc/${pid}/ns/net`))) return true;
    if (cgroup !== '' && text('cgroup').includes(`:/${cgroup}`)) return true;
    return text('cmdline').includes(folder) || text('environ').includes(folder);
  });
}

const stateOf = (pid: number): string =>
  quiet(() => /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1] ?? 'Z', 'Z');

const commandOf = (pid: number): string =>
  quiet(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim(), '').slice(0, 120);

/** Mount points below a folder, the latest first. */
export const mountsBelow = (folder: string): readonly string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((target) => target.startsWith(`${folder}/`))
    .reverse();

/** Folders of cgroups with that name or one that begins with it, in every tree. */
const cgroupsOf = (cgroup: string): readonly string[] =>
  cgroup === '' ? [] : globSync([`/sys/fs/cgroup/${cgroup}*`, `/sys/fs/cgroup/*/${cgroup}*`]);

/** All that is there of an engine, each in a line. */
export const leftovers = (signs: Signs): readonly string[] => [
  ...processesOf(signs).map((pid) => `process ${pid}: ${commandOf(pid)}`),
  ...mountsBelow(signs.folder).map((target) => `mount ${target}`),
  ...cgroupsOf(signs.cgroup).map((folder) => `cgroup ${folder}`),
];

function removeCgroup(folder: string): void {
  for (const entry of quiet(() => readdirSync(folder, { withFileTypes: true }), []))
    if (entry.isDirectory()) removeCgroup(`${folder}/${entry.name}`);
  quiet(() => rmdirSync(folder), undefined);
}

/** End and remove all of it, by force. */
export function purge(signs: Signs): void {
  for (const freezer of globSync(`/sys/fs/cgroup/freezer/${signs.cgroup || '-'}*/*/freezer.state`))
    spawnSync('sh', ['-c', `echo THAWED >'${freezer}'`]);
  for (let round = 0; round < 20 && processesOf(signs).length > 0; round++) {
    for (const pid of processesOf(signs)) quiet(() => process.kill(pid, 'SIGKILL'), true);
    spawnSync('sleep', ['0.1']);
  }
  for (const target of mountsBelow(signs.folder)) spawnSync('umount', ['-l', target]);
  for (const folder of cgroupsOf(signs.cgroup)) removeCgroup(folder);
  if (mountsBelow(signs.folder).length === 0) rmSync(signs.folder, { recursive: true, force: true });
}

/** Links and firewall rules in the machine's own namespace that an engine may have made there by mistake. */
export function machineState(): string {
  const links = spawnSync('ip', ['-o', 'link'], { encoding: 'utf8' }).stdout;
  const ours = links.split('\n').filter((line) => line.includes('alias seaway:'));
  const rules = spawnSync('iptables-save', { encoding: 'utf8' }).stdout ?? '';
  return [...ours, ...rules.split('\n').filter((line) => line.startsWith('-'))].join('\n');
}

/** Whether some engine is at work in the machine's own namespace: then its state is not ours to judge. */
export function hasNeighbour(): boolean {
  const mine = inodeOf('/proc/self/ns/net');
  return readdirSync('/proc').some((pid) => {
    if (!/^\d+$/.test(pid) || !existsSync(`/proc/${pid}/comm`)) return false;
    const comm = quiet(() => readFileSync(`/proc/${pid}/comm`, 'utf8').trim(), '');
    return /^(seawayd|dockerd)/.test(comm) && inodeOf(`/proc/${pid}/ns/net`) === mine;
  });
}
