/** Limits that the host's controllers cannot set: discarded with Docker's warning, or refused. Pure. */
import { fail } from '../errors.ts';
import { type HostConfig, rateFields } from './container.ts';

/** Limits that this host supports. */
export interface LimitSupport {
  readonly memory: boolean;
  readonly swap: boolean;
  readonly reservation: boolean;
  readonly swappiness: boolean;
  readonly oomKillDisable: boolean;
  readonly kernelMemoryTcp: boolean;
  readonly pids: boolean;
  readonly cpuShares: boolean;
  readonly cpuCfs: boolean;
  readonly cpuRealtime: boolean;
  readonly cpuset: boolean;
  readonly blkioWeight: boolean;
  readonly blkioRates: boolean;
  /** Hard limits (setrlimit(2)) that the engine itself cannot exceed, by Docker's names; the others it can. */
  readonly hardLimits: Readonly<Record<string, number>>;
}

export type Adapted = Partial<HostConfig> & Pick<HostConfig, 'Memory'>;

interface Rule {
  readonly asked: (host: Adapted) => boolean;
  readonly supported: keyof Omit<LimitSupport, 'hardLimits'>;
  readonly warning: string;
  readonly instead: Partial<HostConfig>;
}

const more = (value: number | null | undefined): boolean => (value ?? 0) > 0;
const notMounted = 'or the cgroup is not mounted.';

/** In dockerd's order, because one may follow from another. */
const rules: readonly Rule[] = [
  {
    asked: (host) => more(host.Memory),
    supported: 'memory',
    warning: `Your kernel does not support memory limit capabilities ${notMounted} Limitation discarded.`,
    instead: { Memory: 0, MemorySwap: -1 },
  },
  {
    asked: (host) => more(host.Memory) && host.MemorySwap !== -1,
    supported: 'swap',
    warning: `Your kernel does not support swap limit capabilities ${notMounted} Memory limited without swap.`,
    instead: { MemorySwap: -1 },
  },
  {
    asked: (host) => (host.MemorySwappiness ?? null) !== null,
    supported: 'swappiness',
    warning: `Your kernel does not support memory swappiness capabilities ${notMounted} Memory swappiness discarded.`,
    instead: { MemorySwappiness: null },
  },
  {
    asked: (host) => more(host.MemoryReservation),
    supported: 'reservation',
    warning: `Your kernel does not support memory soft limit capabilities ${notMounted} Limitation discarded.`,
    instead: { MemoryReservation: 0 },
  },
  {
    asked: (host) => host.OomKillDisable === true,
    supported: 'oomKillDisable',
    warning: 'Your kernel does not support OomKillDisable. OomKillDisable discarded.',
    instead: { OomKillDisable: null },
  },
  {
    asked: (host) => more(host.PidsLimit),
    supported: 'pids',
    warning: `Your kernel does not support PIDs limit capabilities ${notMounted} PIDs limit discarded.`,
    instead: { PidsLimit: null },
  },
  {
    asked: (host) => more(host.CpuShares),
    supported: 'cpuShares',
    warning: `Your kernel does not support CPU shares ${notMounted} Shares discarded.`,
    instead: { CpuShares: 0 },
  },
  {
    asked: (host) => (host.CpuPeriod ?? 0) !== 0 || (host.CpuQuota ?? 0) !== 0,
    supported: 'cpuCfs',
    warning: 'Your kernel does not support CPU CFS scheduler. CPU period/quota discarded.',
    instead: { CpuPeriod: 0, CpuQuota: 0 },
  },
  {
    asked: (host) => (host.CpusetCpus ?? '') !== '' || (host.CpusetMems ?? '') !== '',
    supported: 'cpuset',
    warning: `Your kernel does not support cpuset ${notMounted} Cpuset discarded.`,
    instead: { CpusetCpus: '', CpusetMems: '' },
  },
  {
    asked: (host) => more(host.BlkioWeight),
    supported: 'blkioWeight',
    warning: `Your kernel does not support Block I/O weight ${notMounted} Weight discarded.`,
    instead: { BlkioWeight: 0 },
  },
  ...rateFields.map((field) => rateRule(field)),
];

function rateRule(field: (typeof rateFields)[number]): Rule {
  const [direction] = /Read|Write/.exec(field) ?? [''];
  const way = direction.toLowerCase();
  const isBytes = field.endsWith('Bps');
  const [what, which] = isBytes ? ['BPS Block I/O', 'BPS'] : ['IOPS Block', 'IOPS'];
  return {
    asked: (host) => (host[field] ?? []).length > 0,
    supported: 'blkioRates',
    warning: `Your kernel does not support ${what} ${way} limit ${notMounted} Block I/O ${which} ${way} limit discarded.`,
    instead: { [field]: [] },
  };
}

export interface Supported {
  /** Values that replace requested ones. */
  readonly instead: Partial<HostConfig>;
  readonly warnings: readonly string[];
}

/** Throws CONTAINER_CONFIG_INVALID for limits that Docker refuses if the kernel lacks them. */
export function adaptLimits(asked: Adapted, support: LimitSupport): Supported {
  if (more(asked.NanoCpus) && !support.cpuCfs)
    throw fail(
      'CONTAINER_CONFIG_INVALID',
      'NanoCPUs can not be set, as your kernel does not support CPU CFS scheduler or the cgroup is not mounted',
    );
  checkRealtime(asked, support);
  let instead: Partial<HostConfig> = {};
  const warnings: string[] = [];
  for (const rule of rules) {
    if (support[rule.supported] || !rule.asked({ ...asked, ...instead })) continue;
    warnings.push(rule.warning);
    instead = { ...instead, ...rule.instead };
  }
  const now = { ...asked, ...instead };
  if (now.OomKillDisable && now.Memory === 0)
    warnings.push(
      'OOM killer is disabled for the container, but no memory limit is set, this can result in the system running out of resources.',
    );
  return { instead, warnings: [...warnings, ...ulimitWarnings(asked, support)] };
}

function checkRealtime(
  { CpuRealtimePeriod = 0, CpuRealtimeRuntime = 0 }: Adapted,
  support: LimitSupport,
): void {
  if (CpuRealtimePeriod === 0 && CpuRealtimeRuntime === 0) return;
  if (!support.cpuRealtime)
    throw fail('CONTAINER_CONFIG_INVALID', 'kernel does not support CPU real-time scheduler');
  if (CpuRealtimePeriod !== 0 && CpuRealtimeRuntime > CpuRealtimePeriod)
    throw fail(
      'CONTAINER_CONFIG_INVALID',
      'cpu real-time runtime cannot be higher than cpu real-time period',
    );
}

/** Docker lets such a container fail when it starts; here it has as much as the engine may give. */
function ulimitWarnings({ Ulimits }: Adapted, { hardLimits }: LimitSupport): readonly string[] {
  return (Ulimits ?? []).flatMap(({ Name, Soft, Hard }) => {
    const ceiling = hardLimits[Name.toLowerCase()];
    const isAbove = (value: number): boolean => ceiling !== undefined && (value > ceiling || value < 0);
    if (!isAbove(Soft) && !isAbove(Hard)) return [];
    return [
      `The engine may not raise the limit ${Name} above ${ceiling} (it lacks CAP_SYS_RESOURCE): the container gets ${ceiling}.`,
    ];
  });
}
