/** Limits (`--memory`, `--cpus`, ...) that the kernel would refuse, refused before in Docker's words. */
import { fail, type SeawayError } from '../errors.ts';
import type { HostConfig } from './container.ts';

const invalid = (why: string): SeawayError => fail('CONTAINER_CONFIG_INVALID', why);

const leastMemory = 6 * 1024 * 1024;
/** Microseconds, of the kernel's CFS bandwidth control. */
const period = { least: 1_000, most: 1_000_000 };
/** Of the block controller's weights. */
const weight = { least: 10, most: 1000 };

export type Limits = Pick<
  HostConfig,
  | 'Memory'
  | 'MemorySwap'
  | 'MemoryReservation'
  | 'NanoCpus'
  | 'CpuPeriod'
  | 'CpuQuota'
  | 'CpuShares'
  | 'CpusetCpus'
  | 'CpusetMems'
  | 'BlkioWeight'
  | 'RestartPolicy'
  | 'AutoRemove'
>;

/** The host's online processors: their count, their highest number, and the highest number of its memory nodes. */
export interface Processors {
  readonly count: number;
  readonly highest: number;
  readonly highestMemoryNode: number;
}

/** Throws CONTAINER_CONFIG_INVALID. */
export function checkLimits(limits: Limits, processors: Processors): void {
  checkMemory(limits);
  checkProcessors(limits, processors.count);
  checkCpuset(limits.CpusetCpus, { field: 'cpuset cpus', what: 'CPUs', highest: processors.highest });
  checkCpuset(limits.CpusetMems, {
    field: 'cpuset mems',
    what: 'memory nodes',
    highest: processors.highestMemoryNode,
  });
  if (limits.BlkioWeight !== 0 && (limits.BlkioWeight < weight.least || limits.BlkioWeight > weight.most))
    throw invalid(`Range of blkio weight is from ${weight.least} to ${weight.most}`);
  checkRestart(limits);
}

function checkMemory({ Memory: memory, MemorySwap: swap, MemoryReservation: reserved }: Limits): void {
  if (memory !== 0 && memory < leastMemory) throw invalid('Minimum memory limit allowed is 6MB');
  if (memory > 0 && swap > 0 && swap < memory)
    throw invalid('Minimum memoryswap limit should be larger than memory limit, see usage');
  if (reserved !== 0 && reserved < leastMemory) throw invalid('Minimum memory reservation allowed is 6MB');
  if (reserved > 0 && memory > 0 && memory < reserved)
    throw invalid('Minimum memory limit can not be less than memory reservation limit, see usage');
}

function checkProcessors(limits: Limits, count: number): void {
  const { NanoCpus: nano, CpuPeriod: asked, CpuQuota: quota } = limits;
  if (nano > 0 && asked > 0)
    throw invalid('Conflicting options: Nano CPUs and CPU Period cannot both be set');
  if (nano > 0 && quota > 0) throw invalid('Conflicting options: Nano CPUs and CPU Quota cannot both be set');
  if (limits.CpuShares < 0)
    throw invalid(`invalid CPU shares (${limits.CpuShares}): value must be a positive integer`);
  if (nano < 0 || nano > count * 1e9)
    throw invalid(`range of CPUs is from 0.01 to ${count}.00, as there are only ${count} CPUs available`);
  if (asked !== 0 && (asked < period.least || asked > period.most))
    throw invalid('CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)');
  if (quota > 0 && quota < period.least) throw invalid('CPU cfs quota can not be less than 1ms (i.e. 1000)');
}

/** A list of numbers and ranges (cpuset(7), "List format"). */
function checkCpuset(
  list: string,
  { field, what, highest }: { readonly field: string; readonly what: string; readonly highest: number },
): void {
  if (list === '') return;
  const ranges = list.split(',').map((range) => range.split('-').map(Number));
  const isList = /^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(list);
  if (!isList || ranges.some(([from = 0, to = from]) => from > to))
    throw invalid(`Invalid value ${list} for ${field}: invalid format: ${list}`);
  const most = Math.max(...ranges.flat());
  const available = highest === 0 ? '0' : `0-${highest}`;
  if (most > highest)
    throw invalid(`Requested ${what} are not available - requested ${list}, available: ${available}`);
}

function checkRestart({ RestartPolicy: { Name, MaximumRetryCount }, AutoRemove }: Limits): void {
  if (!['', 'no', 'always', 'unless-stopped', 'on-failure'].includes(Name))
    throw invalid(
      `invalid restart policy: unknown policy '${Name}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`,
    );
  if (Name !== 'on-failure' && MaximumRetryCount !== 0)
    throw invalid("invalid restart policy: maximum retry count can only be used with 'on-failure'");
  if (MaximumRetryCount < 0) throw invalid('invalid restart policy: maximum retry count cannot be negative');
  if (AutoRemove && Name !== '' && Name !== 'no')
    throw invalid("can't create 'AutoRemove' container with restart policy");
}

/** An update that removes the quota (-1) also removes `--cpus`, which sets the same limit. */
export const liftedCpus = ({
  CpuQuota = 0,
}: {
  readonly CpuQuota?: number;
}): { readonly NanoCpus?: number } => (CpuQuota < 0 ? { NanoCpus: 0 } : {});
