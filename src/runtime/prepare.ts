/** Writes a bundle: gathers the facts of one start and writes `config.json`. */
import { existsSync, mkdirSync, realpathSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, messageOf } from '../errors.ts';
import { writeWhole } from '../files/write-whole.ts';
import { hostPaths } from '../kernel/files/host-paths.ts';
import { type Container, type DeviceMapping, type HostConfig, rateFields } from '../model/container.ts';
import type { Context } from './context.ts';
import { deviceAt, devicesBelow, majorOf, minorOf } from './host-facts.ts';
import { mountShm } from './libc.ts';
import { readAccountFiles } from './rootfs-files.ts';
import type { StartSpec } from './runtime.ts';
import type { GrantedDevice, StartFacts } from './spec/facts.ts';
import { shmKind } from './spec/namespaces.ts';
import type { OciSpec, OciThrottles } from './spec/oci.ts';
import { buildSpec } from './spec/spec.ts';
import { resolveUser } from './spec/user.ts';

/** `--device`: one node, or every node below a folder. */
function grantedDevices(mapping: DeviceMapping): readonly GrantedDevice[] {
  const access = mapping.CgroupPermissions || 'rwm';
  const inside = mapping.PathInContainer || mapping.PathOnHost;
  try {
    const path = realpathSync(mapping.PathOnHost);
    const nodes = statSync(path).isDirectory() ? devicesBelow(path, inside) : [deviceAt(path, inside)];
    const granted = nodes.flatMap((node) => (node ? [{ node, access }] : []));
    if (granted.length > 0) return granted;
    throw new Error('not a device node');
  } catch (thrown) {
    const missing = (thrown as NodeJS.ErrnoException).code === 'ENOENT';
    const why = missing ? 'no such file or directory' : messageOf(thrown);
    const what = `error gathering device information while adding custom device "${mapping.PathOnHost}"`;
    throw fail('START_FAILED', `${what}: ${why}`);
  }
}

/** All current devices; some come and go while the engine runs. */
const everyDevice = (): readonly GrantedDevice[] =>
  devicesBelow('/dev').map((node) => ({ node, access: 'rwm' }));

const throttleOf = {
  BlkioDeviceReadBps: 'throttleReadBpsDevice',
  BlkioDeviceWriteBps: 'throttleWriteBpsDevice',
  BlkioDeviceReadIOps: 'throttleReadIOPSDevice',
  BlkioDeviceWriteIOps: 'throttleWriteIOPSDevice',
} as const satisfies Record<(typeof rateFields)[number], keyof OciThrottles>;

/** `--device-read-bps` and the like. The runtime refuses what is no block device. */
function throttlesOf(host: HostConfig): OciThrottles | undefined {
  const asked = rateFields.flatMap((field) => {
    const rates = (host[field] ?? []).map(({ Path, Rate }) => {
      const stat = statSync(Path, { throwIfNoEntry: false });
      if (!stat) throw fail('START_FAILED', `stat ${Path}: no such file or directory`);
      return { major: majorOf(stat.rdev), minor: minorOf(stat.rdev), rate: Rate };
    });
    return rates.length > 0 ? [[throttleOf[field], rates] as const] : [];
  });
  return asked.length > 0 ? Object.fromEntries(asked) : undefined;
}

/** Throws HOST_PATH_SILENT for a device on a dead mount, before the calls that would block the engine there. */
async function askDevices(host: HostConfig): Promise<void> {
  const limited = rateFields.flatMap((field) => (host[field] ?? []).map(({ Path }) => Path));
  for (const path of [...(host.Devices ?? []).map(({ PathOnHost }) => PathOnHost), ...limited])
    await hostPaths.exists(path);
}

/** The folder to bind on /dev/shm if it is shared between containers, else ''. */
function shmOf(context: Context, start: StartSpec): string {
  const { hostConfig: host, id } = start.container;
  const kind = shmKind(host);
  if (kind === 'shareable') {
    const folder = context.layout.shm(id);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    mountShm(folder, host.ShmSize > 0 ? host.ShmSize : 64 * 2 ** 20);
    return folder;
  }
  if (kind !== 'join') return '';
  const donor = [...context.running.values()].find((c) => c.process.pid === start.join.ipc);
  const folder = donor ? context.layout.shm(donor.id) : '';
  if (folder !== '' && existsSync(folder)) return folder;
  const hint = 'non-shareable IPC (hint: use IpcMode:shareable for the donor container)';
  throw fail(
    'CONTAINER_STATE',
    `failed to join IPC namespace: container ${donor?.id ?? host.IpcMode.slice('container:'.length)}: ${hint}`,
  );
}

export function cgroupOf(context: Context, { id, hostConfig }: Container): string {
  return join('/', hostConfig.CgroupParent || context.cgroupParent, id);
}

/** Logs settings that were left out of the specification because the engine cannot grant them. */
function warnOfCuts(context: Context, start: StartSpec): void {
  const { hostConfig: host, id } = start.container;
  const cut = (what: string): void => context.logger.warn('not granted here', { container: id, what });
  if (host.OomScoreAdj < context.facts.oomScoreAdjFloor) cut(`oom-score-adj ${host.OomScoreAdj}`);
  for (const { Name, Hard } of host.Ulimits ?? []) {
    const ceiling = context.facts.hardLimits[Name.toLowerCase()];
    if (ceiling !== undefined && (Hard > ceiling || Hard < 0)) cut(`ulimit ${Name} above ${ceiling}`);
  }
  if (host.Memory > 0 && !context.facts.controllers.includes('memory')) cut('memory limit');
}

/** Writes the bundle. After an error, `remove` cleans up. */
export async function writeBundle(context: Context, start: StartSpec): Promise<OciSpec> {
  const { container } = start;
  const host = container.hostConfig;
  const bundle = context.layout.bundle(container.id);
  await askDevices(host);
  const throttles = throttlesOf(host);
  const own: StartFacts = {
    user: resolveUser(container.config.User, host.GroupAdd ?? [], await readAccountFiles(start.rootfs)),
    devices: host.Privileged ? everyDevice() : (host.Devices ?? []).flatMap(grantedDevices),
    ...(throttles && { throttles }),
    shm: shmOf(context, start),
    cgroupsPath: cgroupOf(context, container),
  };
  const spec = buildSpec(start, context.facts, own);
  warnOfCuts(context, start);
  await mkdir(bundle, { recursive: true, mode: 0o700 });
  await writeWhole(join(bundle, 'config.json'), JSON.stringify(spec), { flush: false });
  return spec;
}
