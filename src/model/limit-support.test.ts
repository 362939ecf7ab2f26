import { describe, expect, it } from 'vitest';
import { adaptLimits, type LimitSupport } from './limit-support.ts';

const all: LimitSupport = {
  ...{ memory: true, swap: true, reservation: true, swappiness: true, oomKillDisable: true },
  ...{ kernelMemoryTcp: true, pids: true, cpuShares: true, cpuCfs: true, cpuRealtime: true, cpuset: true },
  ...{ blkioWeight: true, blkioRates: true, hardLimits: {} },
};
/** As cgroup v2 has it. */
const v2 = { ...all, swappiness: false, oomKillDisable: false, cpuRealtime: false };
const none = Object.fromEntries(Object.keys(all).map((key) => [key, key === 'hardLimits' ? {} : false]));

describe('limits that the host cannot set', () => {
  it.each([
    [v2, { OomKillDisable: true }, { OomKillDisable: null }, /OomKillDisable discarded/],
    [v2, { MemorySwappiness: 10 }, { MemorySwappiness: null }, /swappiness discarded/],
    [{ ...all, swap: false }, { Memory: 1e7 }, { MemorySwap: -1 }, /Memory limited without swap/],
    [
      { ...all, memory: false, swap: false },
      { Memory: 1e7 },
      { Memory: 0, MemorySwap: -1 },
      /Limitation discarded/,
    ],
    [none, { MemoryReservation: 1e7 }, { MemoryReservation: 0 }, /soft limit/],
    [none, { PidsLimit: 5 }, { PidsLimit: null }, /PIDs limit discarded/],
    [none, { CpuShares: 5 }, { CpuShares: 0 }, /Shares discarded/],
    [none, { CpuQuota: 5000 }, { CpuPeriod: 0, CpuQuota: 0 }, /period.quota discarded/],
    [none, { CpusetCpus: '0' }, { CpusetCpus: '', CpusetMems: '' }, /Cpuset discarded/],
    [none, { BlkioWeight: 300 }, { BlkioWeight: 0 }, /Weight discarded/],
    [
      none,
      { BlkioDeviceReadIOps: [{ Path: '/dev/a', Rate: 1 }] },
      { BlkioDeviceReadIOps: [] },
      /IOPS Block read limit .* Block I.O IOPS read limit discarded/,
    ],
  ])('case %#: is discarded, with one warning', (support, asked, instead, warning) => {
    const adapted = adaptLimits({ Memory: 0, ...asked }, support as LimitSupport);
    expect(adapted.instead).toEqual(instead);
    expect(adapted.warnings).toEqual([expect.stringMatching(warning)]);
    expect(adaptLimits({ Memory: 0, ...asked }, all)).toEqual({
      instead: {},
      warnings: 'OomKillDisable' in asked ? [expect.stringContaining('no memory limit is set')] : [],
    });
  });

  it('is refused where Docker refuses', () => {
    expect(() => adaptLimits({ Memory: 0, CpuRealtimeRuntime: 1000 }, v2)).toThrow(
      'kernel does not support CPU real-time scheduler',
    );
    expect(() => adaptLimits({ Memory: 0, CpuRealtimeRuntime: 1000, CpuRealtimePeriod: 100 }, all)).toThrow(
      'cannot be higher than',
    );
    expect(() => adaptLimits({ Memory: 0, NanoCpus: 1 }, none as unknown as LimitSupport)).toThrow(
      'NanoCPUs',
    );
  });

  it('limits of processes above the engine’s own are told', () => {
    const support = { ...all, hardLimits: { nofile: 20000, memlock: 64 } };
    const Ulimits = [
      { Name: 'nofile', Soft: 100, Hard: 262144 },
      { Name: 'memlock', Soft: -1, Hard: -1 },
      { Name: 'nproc', Soft: 1e6, Hard: 1e6 },
      { Name: 'nofile', Soft: 100, Hard: 20000 },
    ];
    expect(adaptLimits({ Memory: 0, Ulimits }, support).warnings).toEqual([
      expect.stringContaining('nofile above 20000'),
      expect.stringContaining('memlock above 64'),
    ]);
  });
});
