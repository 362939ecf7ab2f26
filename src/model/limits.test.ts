import { describe, expect, it } from 'vitest';
import { checkLimits, type Limits, liftedCpus, type Processors } from './limits.ts';

const none: Limits = {
  Memory: 0,
  MemorySwap: 0,
  MemoryReservation: 0,
  NanoCpus: 0,
  CpuPeriod: 0,
  CpuQuota: 0,
  CpuShares: 0,
  CpusetCpus: '',
  CpusetMems: '',
  BlkioWeight: 0,
  RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
  AutoRemove: false,
};
const megabyte = 1024 * 1024;
const policy = (Name: string, MaximumRetryCount = 0) => ({ RestartPolicy: { Name, MaximumRetryCount } });

const check = (limits: Partial<Limits>, more: Partial<Processors> = {}) =>
  checkLimits({ ...none, ...limits }, { count: 4, highest: 3, highestMemoryNode: 0, ...more });

describe('checkLimits', () => {
  it('names the only memory node alone', () => {
    expect(() => check({ CpusetMems: '1' })).toThrow(/available: 0$/);
    expect(() => check({ CpusetMems: '2' }, { highestMemoryNode: 1 })).toThrow(/available: 0-1$/);
  });

  const taken: Partial<Limits>[] = [
    {},
    { Memory: 6 * megabyte },
    { Memory: 8 * megabyte, MemorySwap: 8 * megabyte },
    { Memory: 8 * megabyte, MemorySwap: -1 },
    { MemoryReservation: 6 * megabyte },
    { Memory: 8 * megabyte, MemoryReservation: 8 * megabyte },
    { NanoCpus: 4e9 },
    { NanoCpus: 1 },
    { CpuPeriod: 1000 },
    { CpuPeriod: 1_000_000, CpuQuota: 1000 },
    { CpuQuota: -1 },
    { CpuShares: 2 },
    { CpusetCpus: '0' },
    { CpusetCpus: '0-3' },
    { CpusetCpus: '3,0-1,2-2' },
    { CpusetMems: '0' },
    { BlkioWeight: 10 },
    { BlkioWeight: 1000 },
    policy(''),
    policy('always'),
    policy('unless-stopped'),
    policy('on-failure'),
    policy('on-failure', 3),
    { AutoRemove: true },
    { AutoRemove: true, ...policy('') },
  ];
  it.each(taken)('takes %j', (limits) => {
    expect(() => check(limits)).not.toThrow();
  });

  const range = 'range of CPUs is from 0.01 to 4.00, as there are only 4 CPUs available';
  const period = 'CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)';
  const weight = 'Range of blkio weight is from 10 to 1000';
  const refused: [Partial<Limits>, string][] = [
    [{ Memory: 6 * megabyte - 1 }, 'Minimum memory limit allowed is 6MB'],
    [{ Memory: -1 }, 'Minimum memory limit allowed is 6MB'],
    [{ Memory: 8 * megabyte, MemorySwap: 8 * megabyte - 1 }, 'Minimum memoryswap limit should be larger'],
    [{ MemoryReservation: 6 * megabyte - 1 }, 'Minimum memory reservation allowed is 6MB'],
    [
      { Memory: 8 * megabyte, MemoryReservation: 8 * megabyte + 1 },
      'can not be less than memory reservation',
    ],
    [{ NanoCpus: 1, CpuPeriod: 1000 }, 'Nano CPUs and CPU Period cannot both be set'],
    [{ NanoCpus: 1, CpuQuota: 1000 }, 'Nano CPUs and CPU Quota cannot both be set'],
    [{ NanoCpus: 4e9 + 1 }, range],
    [{ NanoCpus: -1 }, range],
    [{ CpuPeriod: 999 }, period],
    [{ CpuPeriod: 1_000_001 }, period],
    [{ CpuPeriod: -1 }, period],
    [{ CpuQuota: 999 }, 'CPU cfs quota can not be less than 1ms (i.e. 1000)'],
    [{ CpuShares: -1 }, 'invalid CPU shares (-1)'],
    [{ CpusetCpus: '4' }, 'Requested CPUs are not available - requested 4, available: 0-3'],
    [{ CpusetCpus: '0-4' }, 'Requested CPUs are not available - requested 0-4, available: 0-3'],
    [{ CpusetCpus: 'a' }, 'Invalid value a for cpuset cpus: invalid format: a'],
    [{ CpusetCpus: '0,' }, 'Invalid value 0, for cpuset cpus: invalid format: 0,'],
    [{ CpusetCpus: '0-1-2' }, 'Invalid value 0-1-2 for cpuset cpus: invalid format: 0-1-2'],
    [{ CpusetCpus: '2-1' }, 'Invalid value 2-1 for cpuset cpus: invalid format: 2-1'],
    [{ CpusetCpus: '0,2-1' }, 'Invalid value 0,2-1 for cpuset cpus: invalid format: 0,2-1'],
    [{ CpusetMems: '1' }, 'Requested memory nodes are not available - requested 1, available: 0'],
    [{ CpusetMems: 'x' }, 'Invalid value x for cpuset mems: invalid format: x'],
    [{ BlkioWeight: 9 }, weight],
    [{ BlkioWeight: 1001 }, weight],
    [{ BlkioWeight: -1 }, weight],
    [policy('often'), "unknown policy 'often'"],
    [policy('always', 3), "maximum retry count can only be used with 'on-failure'"],
    [policy('on-failure', -1), 'maximum retry count cannot be negative'],
    [{ AutoRemove: true, ...policy('always') }, "can't create 'AutoRemove' container with restart policy"],
  ];
  it.each(refused)('refuses %j', (limits, message) => {
    expect(() => check(limits)).toThrow(message);
  });
});

it('a quota of -1 lifts --cpus, and no other update does', () => {
  expect([{ CpuQuota: -1 }, { CpuQuota: 5000 }, {}].map(liftedCpus)).toEqual([{ NanoCpus: 0 }, {}, {}]);
});
