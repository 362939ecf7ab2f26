/** What a container uses, read from its cgroup's files (cgroup-v1/*.rst, cgroup-v2.rst of the kernel). */
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { type CgroupTrees, folderOf, readOrEmpty } from './cgroup.ts';
import type { ProcessStats } from './runtime.ts';

/** USER_HZ is 100 on every architecture that the engine runs on: 10 ms per tick. */
const nanosecondsPerTick = 10_000_000n;

type Reader = (controller: string, file: string) => string;

const readerOf =
  (trees: CgroupTrees, path: string): Reader =>
  (controller, file) => {
    const folder = folderOf(trees, controller, path);
    return folder === '' ? '' : readOrEmpty(join(folder, file));
  };

/** `key value` per line. */
export function parseFlat(text: string): Readonly<Record<string, number>> {
  const pairs = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(' '))
    .map(([key = '', value = '0']) => [key, Number(value)] as const);
  return Object.fromEntries(pairs);
}

const number = (text: string): number => (text === '' || text === 'max' ? 0 : Number(text));
const bigint = (text: string): bigint => (/^\d+$/.test(text) ? BigInt(text) : 0n);

type Cpu = Pick<
  ProcessStats,
  'cpuNanoseconds' | 'perCpuNanoseconds' | 'cpuUserNanoseconds' | 'cpuSystemNanoseconds'
>;

function cpuV1(read: Reader): Cpu {
  const { user = 0, system = 0 } = parseFlat(read('cpuacct', 'cpuacct.stat'));
  return {
    cpuNanoseconds: bigint(read('cpuacct', 'cpuacct.usage')),
    perCpuNanoseconds: read('cpuacct', 'cpuacct.usage_percpu')
      .split(' ')
      .filter((text) => text.trim() !== '')
      .map((text) => bigint(text.trim())),
    cpuUserNanoseconds: BigInt(user) * nanosecondsPerTick,
    cpuSystemNanoseconds: BigInt(system) * nanosecondsPerTick,
  };
}

function cpuV2(read: Reader): Cpu {
  const { usage_usec = 0, user_usec = 0, system_usec = 0 } = parseFlat(read('cpu', 'cpu.stat'));
  return {
    cpuNanoseconds: BigInt(usage_usec) * 1000n,
    perCpuNanoseconds: [],
    cpuUserNanoseconds: BigInt(user_usec) * 1000n,
    cpuSystemNanoseconds: BigInt(system_usec) * 1000n,
  };
}

type Memory = Pick<ProcessStats, 'memoryBytes' | 'memoryMaxBytes' | 'memoryLimitBytes' | 'memoryStats'>;

function memoryOf(read: Reader, names: readonly [usage: string, max: string, limit: string]): Memory {
  const [usage, max, limit] = names.map((name) => number(read('memory', name)));
  // No limit is `max`, or a number near 2^63: the host's memory is the limit then, as Docker shows it.
  const bounded = limit !== undefined && limit > 0 && limit < totalmem() ? limit : totalmem();
  return {
    memoryBytes: usage ?? 0,
    memoryMaxBytes: max ?? 0,
    memoryLimitBytes: bounded,
    memoryStats: parseFlat(read('memory', 'memory.stat')),
  };
}

type Block = ProcessStats['blkio'];

/** `8:0 Read 4096` per line. */
export function parseBlkioV1(text: string): Block {
  return text.split('\n').flatMap((line) => {
    const match = /^(\d+):(\d+) (\w+) (\d+)$/.exec(line);
    if (!match) return [];
    return [
      { major: Number(match[1]), minor: Number(match[2]), op: match[3] ?? '', value: Number(match[4]) },
    ];
  });
}

/** `8:0 rbytes=4096 wbytes=0 ...` per line. */
export function parseBlkioV2(text: string): Block {
  return text.split('\n').flatMap((line) => {
    const match = /^(\d+):(\d+) .*?rbytes=(\d+) wbytes=(\d+)/.exec(line);
    if (!match) return [];
    const [major, minor] = [Number(match[1]), Number(match[2])];
    return [
      { major, minor, op: 'read', value: Number(match[3]) },
      { major, minor, op: 'write', value: Number(match[4]) },
    ];
  });
}

/** Zeroes for what the host does not account. */
export function readStats(trees: CgroupTrees, path: string): ProcessStats {
  const read = readerOf(trees, path);
  const v2 = trees.version === 2;
  return {
    ...(v2 ? cpuV2(read) : cpuV1(read)),
    ...(v2
      ? memoryOf(read, ['memory.current', 'memory.peak', 'memory.max'])
      : memoryOf(read, ['memory.usage_in_bytes', 'memory.max_usage_in_bytes', 'memory.limit_in_bytes'])),
    pids: number(read('pids', 'pids.current')),
    pidsLimit: number(read('pids', 'pids.max')),
    blkio: v2
      ? parseBlkioV2(read('io', 'io.stat'))
      : parseBlkioV1(read('blkio', 'blkio.throttle.io_service_bytes_recursive')),
  };
}
