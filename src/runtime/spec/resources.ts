/** HostConfig's limits as cgroup resources. Limits that the host does not support are left out, as by Docker. */
import type { HostConfig } from '../../model/container.ts';
import type { HostFacts } from './facts.ts';
import type { OciResources } from './oci.ts';

/** The CFS period that `--cpus` is counted in, microseconds (Docker's). */
const cpuPeriod = 100_000;

function memoryOf(host: HostConfig, facts: HostFacts): OciResources['memory'] {
  if (!facts.controllers.includes('memory')) return undefined;
  const { Memory: limit, MemoryReservation: reservation, MemorySwappiness: swappiness } = host;
  // Docker: as much swap as memory unless asked; -1 is unlimited.
  const swap = host.MemorySwap === 0 && limit > 0 ? limit * 2 : host.MemorySwap;
  return {
    ...(limit > 0 && { limit }),
    ...(reservation > 0 && { reservation }),
    ...(swap !== 0 && facts.swapLimit && { swap }),
    ...(swappiness !== null && swappiness >= 0 && facts.swappiness && { swappiness }),
    ...(host.OomKillDisable === true && facts.cgroupVersion === 1 && { disableOOMKiller: true }),
  };
}

function cpuOf(host: HostConfig, facts: HostFacts): OciResources['cpu'] {
  const quota = host.NanoCpus > 0 ? Math.round((host.NanoCpus * cpuPeriod) / 1e9) : host.CpuQuota;
  const period = host.NanoCpus > 0 ? cpuPeriod : host.CpuPeriod;
  const has = (controller: string): boolean => facts.controllers.includes(controller);
  return {
    ...(has('cpu') && host.CpuShares > 0 && { shares: host.CpuShares }),
    ...(has('cpu') && quota !== 0 && { quota }),
    ...(has('cpu') && period > 0 && { period }),
    ...(has('cpu') && host.CpuRealtimePeriod > 0 && { realtimePeriod: host.CpuRealtimePeriod }),
    ...(has('cpu') && host.CpuRealtimeRuntime !== 0 && { realtimeRuntime: host.CpuRealtimeRuntime }),
    ...(has('cpuset') && host.CpusetCpus !== '' && { cpus: host.CpusetCpus }),
    ...(has('cpuset') && host.CpusetMems !== '' && { mems: host.CpusetMems }),
  };
}

/** All limits but devices. Empty groups are left out so that runc touches nothing. */
export function limitsOf(host: HostConfig, facts: HostFacts): OciResources {
  const memory = memoryOf(host, facts) ?? {};
  const cpu = cpuOf(host, facts) ?? {};
  // 0 after an update that removes the limit
  const pids = host.PidsLimit === 0 ? -1 : (host.PidsLimit ?? 0);
  return {
    ...(Object.keys(memory).length > 0 && { memory }),
    ...(Object.keys(cpu).length > 0 && { cpu }),
    ...(pids !== 0 && facts.controllers.includes('pids') && { pids: { limit: pids } }),
    ...(host.BlkioWeight > 0 && facts.blkioWeight && { blockIO: { weight: host.BlkioWeight } }),
  };
}
