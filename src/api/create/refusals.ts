/**
 * Fields that Docker has and that would be silently ignored here. Left empty they are accepted; with a
 * value they are refused by name.
 */
import { fail, type SeawayError } from '../../errors.ts';
import type { ContainerCreate, ContainerUpdateBody } from '../schemas/containers.ts';
import type { HostConfigBody, MountBody } from '../schemas/host-config.ts';

/** Whether a value is empty in the sense of Go's omitempty. */
export function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === 0 || value === false) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/** Names that are refused with any value. */
const neverHandled = [
  'BlkioWeightDevice',
  'DeviceRequests',
  'KernelMemory',
  'KernelMemoryTCP',
  'CpuCount',
  'CpuPercent',
  'IOMaximumIOps',
  'IOMaximumBandwidth',
  'StorageOpt',
  'Cgroup',
] as const satisfies readonly (keyof HostConfigBody)[];

/** Names that have some values that mean the ordinary thing. */
const onlyThese: readonly (readonly [keyof HostConfigBody, readonly string[]])[] = [
  ['Isolation', ['default']],
  ['UsernsMode', ['host']],
];

const refuse = (name: string, value: unknown): SeawayError =>
  fail('NOT_SUPPORTED', `HostConfig.${name} ${JSON.stringify(value)}`);

/** Windows alone has isolations; Docker's message is its own. */
function checkIsolation(host: HostConfigBody): void {
  if (host.Isolation && host.Isolation !== 'default') {
    throw fail(
      'CONTAINER_CONFIG_INVALID',
      `invalid isolation (${host.Isolation}): linux only supports 'default'`,
    );
  }
}

function checkCgroupns({ CgroupnsMode: mode = '' }: HostConfigBody): void {
  if (!['', 'host', 'private'].includes(mode))
    throw fail('CONTAINER_CONFIG_INVALID', `invalid cgroup namespace mode: ${mode}`);
}

/** By its name in the engine's settings, or of containerd's shim for it. */
function checkRuntime({ Runtime: name = '' }: HostConfigBody): void {
  if (['', 'runc', 'io.containerd.runc.v2'].includes(name)) return;
  throw fail('CONTAINER_CONFIG_INVALID', `unknown or invalid runtime name: ${name}`);
}

function refuseMount(mount: MountBody): void {
  if (!isEmpty(mount.VolumeOptions?.Subpath)) throw fail('NOT_SUPPORTED', 'VolumeOptions.Subpath');
}

/** Throws NOT_SUPPORTED (or CONTAINER_CONFIG_INVALID where Docker itself has a message). */
export function refuseUnhandled(request: ContainerCreate): void {
  const host = request.HostConfig ?? {};
  checkIsolation(host);
  checkRuntime(host);
  checkCgroupns(host);
  for (const name of neverHandled) if (!isEmpty(host[name])) throw refuse(name, host[name]);
  for (const [name, accepted] of onlyThese) {
    const value = host[name];
    if (!isEmpty(value) && !accepted.includes(String(value))) throw refuse(name, value);
  }
  for (const mount of host.Mounts ?? []) refuseMount(mount);
}

/** Limits that an update would silently leave as they are. */
const notUpdated = [
  'CgroupParent',
  'BlkioWeightDevice',
  'BlkioDeviceReadBps',
  'BlkioDeviceWriteBps',
  'BlkioDeviceReadIOps',
  'BlkioDeviceWriteIOps',
  'Devices',
  'DeviceCgroupRules',
  'DeviceRequests',
  'KernelMemory',
  'KernelMemoryTCP',
  'OomKillDisable',
  'Ulimits',
  'CpuCount',
  'CpuPercent',
  'IOMaximumIOps',
  'IOMaximumBandwidth',
] as const satisfies readonly (keyof ContainerUpdateBody)[];

/** Throws NOT_SUPPORTED for fields that an update cannot change. */
export function refuseUnhandledUpdate(request: ContainerUpdateBody): void {
  for (const name of notUpdated) {
    if (!isEmpty(request[name])) throw fail('NOT_SUPPORTED', `an update of ${name}`);
  }
}
