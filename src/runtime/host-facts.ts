/** Reads the facts of the host on which specifications depend. */
import { type Dirent, existsSync, readdirSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import type { LimitSupport } from '../model/limit-support.ts';
import { hasAppArmor } from './apparmor.ts';
import { type CgroupTrees, parseCgroupMounts, readOrEmpty } from './cgroup.ts';
import { capabilitiesOfMask } from './spec/capabilities.ts';
import type { HostFacts } from './spec/facts.ts';

/** Node's names of architectures to Go's, which seccomp profiles use. */
const architectures: Readonly<Record<string, string>> = { x64: 'amd64', ppc64: 'ppc64le', s390x: 's390x' };

/** A static program that reaps and passes signals on, with `--` before the command. */
const inits = ['docker-init', 'tini-static', 'catatonit', 'tini'];

const searchPath = [
  '/usr/local/sbin',
  '/usr/local/bin',
  '/usr/sbin',
  '/usr/bin',
  '/sbin',
  '/bin',
  '/usr/libexec/docker',
];

export function readCgroupTrees(): CgroupTrees {
  return parseCgroupMounts(readFileSync('/proc/self/mountinfo', 'utf8'));
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function statusField(status: string, field: string): bigint {
  const hex = new RegExp(`^${field}:\\s*([0-9a-f]+)$`, 'm').exec(status)?.[1] ?? '0';
  return BigInt(`0x${hex}`);
}

/** /proc/self/limits: names as setrlimit(2) and Docker's `--ulimit` have them. */
const limitNames: Readonly<Record<string, string>> = {
  'Max cpu time': 'cpu',
  'Max file size': 'fsize',
  'Max data size': 'data',
  'Max stack size': 'stack',
  'Max core file size': 'core',
  'Max resident set': 'rss',
  'Max processes': 'nproc',
  'Max open files': 'nofile',
  'Max locked memory': 'memlock',
  'Max address space': 'as',
  'Max file locks': 'locks',
  'Max pending signals': 'sigpending',
  'Max msgqueue size': 'msgqueue',
  'Max nice priority': 'nice',
  'Max realtime priority': 'rtprio',
  'Max realtime timeout': 'rttime',
};

/** The limited ones only. Pure. */
export function parseHardLimits(text: string): Readonly<Record<string, number>> {
  const found = text.split('\n').flatMap((line) => {
    const match = /^(Max [a-z ]+?)\s{2,}(\S+)\s+(\S+)/.exec(line);
    const name = limitNames[match?.[1] ?? ''];
    const hard = match?.[3] ?? 'unlimited';
    return name === undefined || hard === 'unlimited' ? [] : [[name, Number(hard)] as const];
  });
  return Object.fromEntries(found);
}

function controllersOf(trees: CgroupTrees): readonly string[] {
  if (trees.version === 1) return [...trees.v1.keys()];
  const names = readOrEmpty(join(trees.unified, 'cgroup.controllers')).split(' ');
  // The kernel has these two built in, without a name in the list.
  return [...names, 'freezer', 'devices'];
}

/** Whether the root cgroup or any child has a file, which shows what can be limited. */
function hasFile(trees: CgroupTrees, controller: string, file: string): boolean {
  const tree = trees.v1.get(controller);
  if (tree === undefined) return false;
  const folders = [
    tree,
    ...entriesOf(tree)
      .filter((e) => e.isDirectory())
      .map((e) => join(tree, e.name)),
  ];
  return folders.some((folder) => existsSync(join(folder, file)));
}

/** In v2 each controller has all its files; v1 depends on how the kernel was built. */
function supportOf(
  trees: CgroupTrees,
  facts: Pick<HostFacts, 'controllers' | 'swapLimit' | 'swappiness' | 'blkioWeight' | 'hardLimits'>,
): LimitSupport {
  const v2 = trees.version === 2;
  const has = (name: string): boolean => facts.controllers.includes(name);
  const v1File = (controller: string, file: string): boolean => !v2 && hasFile(trees, controller, file);
  const either = (controller: string, file: string): boolean =>
    v2 ? has(controller) : hasFile(trees, controller, file);
  return {
    memory: has('memory'),
    swap: facts.swapLimit,
    reservation: either('memory', 'memory.soft_limit_in_bytes'),
    swappiness: facts.swappiness,
    oomKillDisable: v1File('memory', 'memory.oom_control'),
    kernelMemoryTcp: v1File('memory', 'memory.kmem.tcp.limit_in_bytes'),
    pids: has('pids'),
    cpuShares: either('cpu', 'cpu.shares'),
    cpuCfs: either('cpu', 'cpu.cfs_quota_us'),
    cpuRealtime: v1File('cpu', 'cpu.rt_period_us'),
    cpuset: has('cpuset'),
    blkioWeight: facts.blkioWeight,
    blkioRates: v2 ? has('io') : hasFile(trees, 'blkio', 'blkio.throttle.read_bps_device'),
    hardLimits: facts.hardLimits,
  };
}

export interface FactsRead extends HostFacts {
  /** What can be limited at all. */
  readonly support: LimitSupport;
}

/** The root cgroup has no such file; its children have it if the kernel accounts swap. */
function swapOfV2({ unified }: CgroupTrees): boolean {
  const folders = entriesOf(unified).filter((entry) => entry.isDirectory());
  const withMemory = folders.filter(({ name }) => existsSync(join(unified, name, 'memory.max')));
  if (withMemory.length === 0) return existsSync('/proc/swaps');
  return withMemory.some(({ name }) => existsSync(join(unified, name, 'memory.swap.max')));
}

export function readHostFacts(trees: CgroupTrees): FactsRead {
  const status = readFileSync('/proc/self/status', 'utf8');
  const capabilities = capabilitiesOfMask(statusField(status, 'CapBnd') & statusField(status, 'CapPrm'));
  const unlimited = capabilities.includes('CAP_SYS_RESOURCE');
  const [major = 0, minor = 0] = release().split('.').map(Number);
  const v2 = trees.version === 2;
  const candidates = inits.flatMap((init) => searchPath.map((folder) => join(folder, init)));
  const limited = {
    controllers: controllersOf(trees),
    swapLimit: v2 ? swapOfV2(trees) : hasFile(trees, 'memory', 'memory.memsw.limit_in_bytes'),
    swappiness: !v2 && hasFile(trees, 'memory', 'memory.swappiness'),
    blkioWeight: v2
      ? controllersOf(trees).includes('io')
      : hasFile(trees, 'blkio', 'blkio.weight') || hasFile(trees, 'blkio', 'blkio.bfq.weight'),
    hardLimits: unlimited ? {} : parseHardLimits(readFileSync('/proc/self/limits', 'utf8')),
  };
  return {
    ...limited,
    support: supportOf(trees, limited),
    architecture: architectures[process.arch] ?? process.arch,
    kernel: { major, minor },
    cgroupVersion: trees.version,
    capabilities,
    apparmor: hasAppArmor(),
    seccomp: /^Seccomp:/m.test(status),
    oomScoreAdjFloor: unlimited ? -1000 : Number(readOrEmpty('/proc/self/oom_score_adj')),
    init: candidates.find((path) => existsSync(path)) ?? '',
  };
}
