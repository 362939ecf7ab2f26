/** All that an engine has on its host at one moment, in lines that can be compared with those of another. */
import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestEngine } from './engine.ts';
import { mountsBelow, processesOf } from './leftovers.ts';

const names = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
};

/** Folders with an entry per container, sandbox, exec, root, volume, layer or image that is being made. */
const entryFolders = [
  ...['bundles', 'netns', 'execs', 'exits', 'runc', 'shm'].map((name) => `run/${name}`),
  ...['roots', 'containers', 'volumes', 'images', 'images/layers', 'images/l', 'images/blobs/sha256'].map(
    (name) => `data/${name}`,
  ),
];

const commOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
};

/** The engine's own process is left out: a restart changes it. */
export function snapshot(engine: TestEngine): readonly string[] {
  const { rig, folder, signs, pid } = engine;
  const rules = ['iptables-save', 'ip6tables-save'].flatMap((program) =>
    ruleLines(program, rig.run('host', program)),
  );
  const cgroups = globSync([`/sys/fs/cgroup/${signs.cgroup}*/*/`, `/sys/fs/cgroup/*/${signs.cgroup}*/*/`]);
  return [
    ...rig.ip('host', 'link').map((link) => `link ${link.ifname} ${link.ifalias ?? ''}`),
    ...rig.ip('host', 'addr').flatMap(addressLines),
    ...rules,
    ...mountsBelow(folder).map((target) => `mount ${target.slice(folder.length)}`),
    ...cgroups.map((path) => `cgroup ${path.slice(0, 100)}`),
    ...processesOf(signs)
      .filter((one) => one !== pid)
      .map((one) => `process ${one} ${commOf(one)}`),
    ...entryFolders.flatMap((each) => names(join(folder, each)).map((name) => `entry ${each}/${name}`)),
  ].toSorted();
}

/** Without counters, each with its table before it. */
function ruleLines(program: string, saved: string): readonly string[] {
  let table = '';
  return saved.split('\n').flatMap((line) => {
    if (line.startsWith('*')) table = line.slice(1);
    return /^[-:]/.test(line) ? [`${program} ${table} ${line.replace(/ \[\d+:\d+\]$/, '')}`] : [];
  });
}

const addressLines = ({ ifname, addr_info }: { readonly [field: string]: unknown }): string[] =>
  (addr_info as readonly { readonly local: string; readonly scope: string }[])
    .filter(({ scope }) => scope !== 'link')
    .map(({ local }) => `address ${ifname} ${local}`);

/** What one has and the other has not, as `+` and `-` lines. */
export function difference(before: readonly string[], now: readonly string[]): readonly string[] {
  const [old, made] = [new Set(before), new Set(now)];
  return [
    ...now.filter((line) => !old.has(line)).map((line) => `+ ${line}`),
    ...before.filter((line) => !made.has(line)).map((line) => `- ${line}`),
  ];
}
