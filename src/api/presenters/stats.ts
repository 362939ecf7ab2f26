/** `GET /containers/{id}/stats` (Docker Engine API 1.50: ContainerStatsResponse). */
import type { StatsSample } from '../../engine/container-verbs.ts';
import { type Container, NEVER } from '../../model/container.ts';
import { exactInteger } from './exact-integer.ts';

function presentCpu(sample: StatsSample | undefined): object {
  const throttling_data = { periods: 0, throttled_periods: 0, throttled_time: 0 };
  if (!sample) {
    const cpu_usage = { total_usage: 0, usage_in_kernelmode: 0, usage_in_usermode: 0 };
    return { cpu_usage, throttling_data };
  }
  const perCpu = sample.process.perCpuNanoseconds.map(Number);
  return {
    cpu_usage: {
      total_usage: Number(sample.process.cpuNanoseconds),
      ...(perCpu.length > 0 && { percpu_usage: perCpu }),
      usage_in_kernelmode: Number(sample.process.cpuSystemNanoseconds),
      usage_in_usermode: Number(sample.process.cpuUserNanoseconds),
    },
    system_cpu_usage: Number(sample.systemCpuNanoseconds),
    online_cpus: sample.onlineCpus,
    throttling_data,
  };
}

/** Without a limit some counts of cgroups v1 are 2^63 less a page, beyond the exact range of a double. */
function presentCount([name, count]: readonly [string, number]): readonly [string, number | object] {
  return [name, count < Number.MAX_SAFE_INTEGER ? count : exactInteger(2n ** 63n - 4096n)];
}

function presentMemory({ process }: StatsSample): object {
  return {
    usage: process.memoryBytes,
    ...(process.memoryMaxBytes > 0 && { max_usage: process.memoryMaxBytes }),
    stats: Object.fromEntries(Object.entries(process.memoryStats).map(presentCount)),
    limit: process.memoryLimitBytes,
  };
}

function presentNetworks({ networks }: StatsSample): object {
  const pairs = Object.entries(networks).map(([name, counts]) => [
    name,
    {
      rx_bytes: counts.rxBytes,
      rx_packets: counts.rxPackets,
      rx_errors: counts.rxErrors,
      rx_dropped: counts.rxDropped,
      tx_bytes: counts.txBytes,
      tx_packets: counts.txPackets,
      tx_errors: counts.txErrors,
      tx_dropped: counts.txDropped,
    },
  ]);
  return pairs.length > 0 ? { networks: Object.fromEntries(pairs) } : {};
}

function presentBlkio(sample: StatsSample | undefined): object {
  const none = sample ? [] : null;
  return {
    io_service_bytes_recursive: sample ? sample.process.blkio : null,
    io_serviced_recursive: none,
    io_queue_recursive: none,
    io_service_time_recursive: none,
    io_wait_time_recursive: none,
    io_merged_recursive: none,
    io_time_recursive: none,
    sectors_recursive: none,
  };
}

function presentPids({ process }: StatsSample): object {
  return { current: process.pids, ...(process.pidsLimit > 0 && { limit: process.pidsLimit }) };
}

/** One sample and the one before it; without a sample (not running) Docker shows zeros. */
export function presentStats(
  container: Container,
  sample: StatsSample | undefined,
  before: StatsSample | undefined,
): object {
  return {
    name: `/${container.name}`,
    id: container.id,
    read: sample?.read ?? NEVER,
    preread: before?.read ?? NEVER,
    pids_stats: sample ? presentPids(sample) : {},
    blkio_stats: presentBlkio(sample),
    num_procs: 0,
    storage_stats: {},
    cpu_stats: presentCpu(sample),
    precpu_stats: presentCpu(before),
    memory_stats: sample ? presentMemory(sample) : {},
    ...(sample && presentNetworks(sample)),
  };
}
