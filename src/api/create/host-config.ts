/** `HostConfig` of a request, with Docker's defaults filled in. */
import { fail } from '../../errors.ts';
import { type DeviceRates, type HostConfig, type MountSpec, rateFields } from '../../model/container.ts';
import { singlePort } from '../../model/port-ranges.ts';
import { hostText, isLinkHost } from '../../model/port-specs.ts';
import { maskedPaths, readonlyPaths } from '../../model/protected-paths.ts';
import { readHostAddress } from '../../net/address.ts';
import type { HostConfigBody, MountBody } from '../schemas/host-config.ts';
import type { RequestDefaults } from './defaults.ts';

/** The type is checked later: `mount-checks.ts` refuses unknown ones by name. */
function mountSpec(mount: MountBody): MountSpec {
  return { ...mount, Type: (mount.Type ?? '') as MountSpec['Type'], Target: mount.Target ?? '' };
}

/** Published ports, each key as `number/protocol`; on an address of the host or on a link of it. Throws CONTAINER_CONFIG_INVALID in Docker's words. */
export function portBindings(asked: HostConfig['PortBindings'] | undefined): HostConfig['PortBindings'] {
  for (const binding of Object.values(asked ?? {}).flat()) {
    const host = hostText(binding);
    if (host !== '' && !readHostAddress(host) && !isLinkHost(host))
      throw fail('CONTAINER_CONFIG_INVALID', `invalid IP address: ${binding.HostIp}`);
  }
  return Object.fromEntries(
    Object.entries(asked ?? {}).map(([key, bindings]) => [singlePort(key), bindings]),
  );
}

/** Masked and read-only paths, none for a privileged container. */
function protection(host: HostConfigBody): Pick<HostConfig, 'MaskedPaths' | 'ReadonlyPaths'> {
  const privileged = host.Privileged === true;
  return {
    MaskedPaths: host.MaskedPaths ?? (privileged ? null : maskedPaths),
    ReadonlyPaths: host.ReadonlyPaths ?? (privileged ? null : readonlyPaths),
  };
}

function limits(host: HostConfigBody) {
  return {
    CpuShares: host.CpuShares ?? 0,
    Memory: host.Memory ?? 0,
    NanoCpus: host.NanoCpus ?? 0,
    CgroupParent: host.CgroupParent ?? '',
    BlkioWeight: host.BlkioWeight ?? 0,
    CpuPeriod: host.CpuPeriod ?? 0,
    CpuQuota: host.CpuQuota ?? 0,
    CpuRealtimePeriod: host.CpuRealtimePeriod ?? 0,
    CpuRealtimeRuntime: host.CpuRealtimeRuntime ?? 0,
    CpusetCpus: host.CpusetCpus ?? '',
    CpusetMems: host.CpusetMems ?? '',
    MemoryReservation: host.MemoryReservation ?? 0,
    MemorySwap: swapLimit(host),
    // the CLI sends -1 for the default
    MemorySwappiness: (host.MemorySwappiness ?? -1) === -1 ? null : (host.MemorySwappiness ?? null),
    OomKillDisable: host.OomKillDisable ?? null,
    // Anything below 1 has always meant no limit.
    PidsLimit: (host.PidsLimit ?? 0) <= 0 ? null : (host.PidsLimit ?? null),
    Ulimits: (host.Ulimits ?? []).map((limit) => ({
      Name: limit.Name ?? '',
      Hard: limit.Hard ?? 0,
      Soft: limit.Soft ?? 0,
    })),
    OomScoreAdj: host.OomScoreAdj ?? 0,
  };
}

/** Absent without any. */
function rates(host: HostConfigBody): DeviceRates {
  const asked = rateFields.flatMap((field) => {
    const all = (host[field] ?? []).map(({ Path = '', Rate = 0 }) => ({ Path, Rate }));
    return all.length > 0 ? [[field, all] as const] : [];
  });
  return Object.fromEntries(asked);
}

/** A memory limit without a swap limit allows as much swap again. */
function swapLimit(host: HostConfigBody): number {
  const swap = host.MemorySwap ?? 0;
  const memory = host.Memory ?? 0;
  return memory > 0 && swap === 0 ? 2 * memory : swap;
}

/** A container that is privileged or shares the host's pid or ipc namespace has no label, as Docker records. */
function securityOptions(host: HostConfigBody): readonly string[] | null {
  const asked = host.SecurityOpt ?? null;
  const shares = host.Privileged === true || host.IpcMode === 'host' || host.PidMode === 'host';
  if (!shares || asked?.some((option) => /^label[=:]/.test(option))) return asked;
  return [...(asked ?? []), 'label=disable'];
}

function security(host: HostConfigBody) {
  return {
    CapAdd: host.CapAdd ?? null,
    CapDrop: host.CapDrop ?? null,
    GroupAdd: host.GroupAdd ?? null,
    Privileged: host.Privileged ?? false,
    ReadonlyRootfs: host.ReadonlyRootfs ?? false,
    SecurityOpt: securityOptions(host),
    UsernsMode: host.UsernsMode ?? '',
    Devices: (host.Devices ?? []).map((device) => ({
      PathOnHost: device.PathOnHost ?? '',
      PathInContainer: device.PathInContainer || (device.PathOnHost ?? ''),
      CgroupPermissions: device.CgroupPermissions || 'rwm',
    })),
    DeviceCgroupRules: host.DeviceCgroupRules ?? null,
    ...protection(host),
  };
}

function storage(host: HostConfigBody) {
  return {
    Binds: host.Binds ?? null,
    VolumeDriver: host.VolumeDriver ?? '',
    VolumesFrom: host.VolumesFrom ?? null,
    ...(host.Mounts && { Mounts: host.Mounts.map(mountSpec) }),
    ...(host.Tmpfs && { Tmpfs: host.Tmpfs }),
    ...(host.StorageOpt && { StorageOpt: host.StorageOpt }),
  };
}

function networking(host: HostConfigBody) {
  return {
    NetworkMode: host.NetworkMode || 'default',
    PortBindings: portBindings(host.PortBindings),
    PublishAllPorts: host.PublishAllPorts ?? false,
    Dns: host.Dns ?? [],
    DnsOptions: host.DnsOptions ?? [],
    DnsSearch: host.DnsSearch ?? [],
    ExtraHosts: host.ExtraHosts ?? null,
    Links: host.Links ?? null,
    ...(host.Sysctls && { Sysctls: host.Sysctls }),
  };
}

function namespaces(host: HostConfigBody, defaults: RequestDefaults) {
  // cgroups v1 of a privileged container are the host's, whatever the engine's default is
  const own = host.Privileged === true && defaults.cgroupVersion === 1 ? 'host' : defaults.cgroupnsMode;
  return {
    CgroupnsMode: host.CgroupnsMode || own,
    IpcMode: host.IpcMode || defaults.ipcMode,
    PidMode: host.PidMode ?? '',
    UTSMode: host.UTSMode ?? '',
    Cgroup: host.Cgroup ?? '',
    Isolation: host.Isolation ?? '',
    Runtime: host.Runtime || defaults.runtime,
  };
}

function logConfig(host: HostConfigBody, defaults: RequestDefaults): HostConfig['LogConfig'] {
  const { Type: type = '', Config: config = {} } = host.LogConfig ?? {};
  // the engine's log options apply to its own driver only
  const inherited = type === '' || type === defaults.logDriver ? defaults.logOptions : {};
  return { Type: type || defaults.logDriver, Config: { ...inherited, ...config } };
}

/** Fills in defaults. Throws CONTAINER_CONFIG_INVALID for ports; `checks.ts` checks the rest. */
export function hostConfigOf(host: HostConfigBody, defaults: RequestDefaults): HostConfig {
  const { Name: name = '', MaximumRetryCount: retries = 0 } = host.RestartPolicy ?? {};
  const [rows = 0, columns = 0] = host.ConsoleSize ?? [];
  return {
    ContainerIDFile: host.ContainerIDFile ?? '',
    LogConfig: logConfig(host, defaults),
    RestartPolicy: { Name: name || 'no', MaximumRetryCount: retries },
    AutoRemove: host.AutoRemove ?? false,
    ConsoleSize: [rows, columns],
    ShmSize: host.ShmSize || defaults.shmSize,
    ...(host.Annotations && { Annotations: host.Annotations }),
    ...(host.Init !== undefined && { Init: host.Init }),
    ...storage(host),
    ...networking(host),
    ...namespaces(host, defaults),
    ...security(host),
    ...limits(host),
    ...rates(host),
  };
}
