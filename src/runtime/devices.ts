/** Devices of the host that a container gets or is slowed on. Their paths may lie on mounts that do not answer. */
import type { Stats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, messageOf, SeawayError } from '../errors.ts';
import { hostPaths } from '../kernel/files/host-paths.ts';
import { type DeviceMapping, type HostConfig, rateFields } from '../model/container.ts';
import type { GrantedDevice } from './spec/facts.ts';
import type { OciDevice, OciThrottles } from './spec/oci.ts';

/** Folders of /dev that are mounts of their own or name no device. */
const notDevices = new Set(['pts', 'shm', 'fd', 'mqueue', 'console', '.lxc', '.lxd-mounts', '.udev']);

/** glibc's encoding of st_rdev (makedev(3)). */
const majorOf = (rdev: number): number => Math.floor(rdev / 256) & 0xfff;
const minorOf = (rdev: number): number => (rdev & 0xff) | (Math.floor(rdev / 4096) & 0xfff00);

/** `--device`, or all current devices with `--privileged`. Throws START_FAILED, HOST_PATH_SILENT. */
export async function devicesOf(host: HostConfig): Promise<readonly GrantedDevice[]> {
  if (host.Privileged) return (await devicesBelow('/dev')).map((node) => ({ node, access: 'rwm' }));
  const granted: GrantedDevice[] = [];
  for (const mapping of host.Devices ?? []) granted.push(...(await grantedBy(mapping)));
  return granted;
}

/** One node, or every node below a folder. */
async function grantedBy(mapping: DeviceMapping): Promise<readonly GrantedDevice[]> {
  const access = mapping.CgroupPermissions || 'rwm';
  const inside = mapping.PathInContainer || mapping.PathOnHost;
  const refuse = (why: string): Error => {
    const what = `error gathering device information while adding custom device "${mapping.PathOnHost}"`;
    return fail('START_FAILED', `${what}: ${why}`);
  };
  const nodes = await nodesAt(mapping.PathOnHost, inside).catch((thrown: unknown) => {
    throw thrown instanceof SeawayError ? thrown : refuse(messageOf(thrown));
  });
  if (!nodes) throw refuse('no such file or directory');
  if (nodes.length === 0) throw refuse('not a device node');
  return nodes.map((node) => ({ node, access }));
}

/** Undefined if the path is missing. */
async function nodesAt(path: string, inside: string): Promise<readonly OciDevice[] | undefined> {
  const real = await hostPaths.real(path);
  const stats = real === undefined ? undefined : await hostPaths.stat(real);
  if (real === undefined || !stats) return undefined;
  if (stats.isDirectory()) return devicesBelow(real, inside);
  const node = deviceOf(stats, inside);
  return node ? [node] : [];
}

/** The device with these stats under a name; undefined if it is none. */
function deviceOf(stats: Stats, name: string): OciDevice | undefined {
  const type = stats.isCharacterDevice() ? 'c' : stats.isBlockDevice() ? 'b' : undefined;
  if (type === undefined) return undefined;
  const { rdev, mode, uid, gid } = stats;
  return { path: name, type, major: majorOf(rdev), minor: minorOf(rdev), fileMode: mode & 0o7777, uid, gid };
}

/** Every device node below a folder, symbolic links not followed. What cannot be read or has gone is left out. */
async function devicesBelow(folder: string, name = folder): Promise<readonly OciDevice[]> {
  const { nodes, folders } = await hostPaths.ask(folder, () => entriesOf(folder, name));
  for (const next of folders) nodes.push(...(await devicesBelow(join(folder, next), join(name, next))));
  return nodes;
}

async function entriesOf(
  folder: string,
  name: string,
): Promise<{ readonly nodes: OciDevice[]; readonly folders: readonly string[] }> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const nodes: OciDevice[] = [];
  for (const entry of entries) {
    if (notDevices.has(entry.name) || !(entry.isCharacterDevice() || entry.isBlockDevice())) continue;
    const stats = await lstat(join(folder, entry.name)).catch(() => undefined);
    const device = stats && deviceOf(stats, join(name, entry.name));
    if (device) nodes.push(device);
  }
  const folders = entries.filter((entry) => entry.isDirectory() && !notDevices.has(entry.name));
  return { nodes, folders: folders.map((entry) => entry.name) };
}

const throttleOf = {
  BlkioDeviceReadBps: 'throttleReadBpsDevice',
  BlkioDeviceWriteBps: 'throttleWriteBpsDevice',
  BlkioDeviceReadIOps: 'throttleReadIOPSDevice',
  BlkioDeviceWriteIOps: 'throttleWriteIOPSDevice',
} as const satisfies Record<(typeof rateFields)[number], keyof OciThrottles>;

/** `--device-read-bps` and the like. The runtime refuses what is no block device. Throws HOST_PATH_SILENT. */
export async function throttlesOf(host: HostConfig): Promise<OciThrottles | undefined> {
  const asked: [string, readonly { major: number; minor: number; rate: number }[]][] = [];
  for (const field of rateFields) {
    const rates = [];
    for (const { Path, Rate } of host[field] ?? []) {
      const stats = await hostPaths.stat(Path);
      if (!stats) throw fail('START_FAILED', `stat ${Path}: no such file or directory`);
      rates.push({ major: majorOf(stats.rdev), minor: minorOf(stats.rdev), rate: Rate });
    }
    if (rates.length > 0) asked.push([throttleOf[field], rates]);
  }
  return asked.length > 0 ? Object.fromEntries(asked) : undefined;
}
