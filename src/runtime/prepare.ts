/** Writes a bundle: gathers the facts of one start and writes `config.json`. */
import { existsSync, mkdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fail } from '../errors.ts';
import { writeWhole } from '../files/write-whole.ts';
import type { Container } from '../model/container.ts';
import { ensureProfileOf } from './apparmor.ts';
import type { Context } from './context.ts';
import { devicesOf, throttlesOf } from './devices.ts';
import { mountShm } from './libc.ts';
import { readAccountFiles } from './rootfs-files.ts';
import type { StartSpec } from './runtime.ts';
import type { StartFacts } from './spec/facts.ts';
import { shmKind } from './spec/namespaces.ts';
import type { OciSpec } from './spec/oci.ts';
import { buildSpec } from './spec/spec.ts';
import { resolveUser } from './spec/user.ts';

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
  const throttles = await throttlesOf(host);
  const own: StartFacts = {
    user: resolveUser(container.config.User, host.GroupAdd ?? [], await readAccountFiles(start.rootfs)),
    devices: await devicesOf(host),
    ...(throttles && { throttles }),
    shm: shmOf(context, start),
    cgroupsPath: cgroupOf(context, container),
  };
  const spec = buildSpec(start, context.facts, own);
  await ensureProfileOf(spec.process, { limit: context.limits.verb });
  warnOfCuts(context, start);
  await mkdir(bundle, { recursive: true, mode: 0o700 });
  await writeWhole(join(bundle, 'config.json'), JSON.stringify(spec), { flush: false });
  return spec;
}
