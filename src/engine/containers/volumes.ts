/** The volumes of a container: made with it, mounted while it runs, the nameless ones removed with it. */
import { hasCode, messageOf } from '../../errors.ts';
import type { Container, ContainerRequest, MountPoint } from '../../model/container.ts';
import { cleanPath } from '../../model/paths.ts';
import type { Change, View } from '../../model/tables.ts';
import { isLocal, labelsOf, localDriver } from '../../model/volume.ts';
import type { Fill } from '../../volumes/volumes.ts';
import { look, probe } from '../volume-asking.ts';
import {
  ensureVolume,
  type KeepingVolumes,
  removeLater,
  removeVolume,
  usersOf,
  type VolumeSpec,
} from '../volume-making.ts';
import { type MountingByPlugin, mountByPlugin, unmountByPlugins } from './plugin-mounts.ts';

export type UsingVolumes = KeepingVolumes & MountingByPlugin;

const volumesOf = ({ mounts }: Pick<Container, 'mounts'>): readonly MountPoint[] =>
  mounts.filter(({ type }) => type === 'volume');

/**
 * Before a container is made: which of the volumes that it names are a plugin's. Answers with those that their plugins
 * have told of just now.
 */
export async function seeVolumes(
  core: KeepingVolumes,
  request: ContainerRequest,
): Promise<ReadonlySet<string>> {
  const seen = new Set<string>();
  for (const { name, driver } of namedVolumes(request)) {
    const known = core.model.get('volumes', name);
    const isUnknown = !known && driver === '';
    // a volume on record is checked when the container is made
    const found = isUnknown ? await probe(core, name) : await lookAtPlugins(core, name, driver);
    if (found && !isLocal(found.volume)) seen.add(name);
  }
  return seen;
}

async function lookAtPlugins(core: KeepingVolumes, name: string, driver: string) {
  const known = core.model.get('volumes', name);
  if (!known || isLocal(known) || (driver !== '' && driver !== known.driver)) return undefined;
  return look(core, known).catch(() => undefined);
}

interface NamedVolume {
  readonly name: string;
  readonly driver: string;
}

/** As the request has them, unchecked. */
function namedVolumes({ hostConfig }: ContainerRequest): readonly NamedVolume[] {
  const { Binds, Mounts, VolumeDriver: driver = '' } = hostConfig;
  const binds = (Binds ?? []).map((bind) => bind.split(':')).filter((parts) => parts.length > 1);
  return [
    ...binds.map(([name = '']) => ({ name, driver })),
    ...(Mounts ?? [])
      .filter(({ Type }) => Type === 'volume')
      .map(({ Source: name = '', VolumeOptions }) => ({
        name,
        driver: VolumeOptions?.DriverConfig?.Name || driver,
      })),
  ].filter(({ name }) => name !== '' && !name.startsWith('/'));
}

/** Those that the container names and that are not there yet. `isSeen`: its plugin need not be asked for it. */
export async function makeVolumes(
  core: KeepingVolumes,
  container: Container,
  isSeen: (name: string) => boolean,
): Promise<void> {
  for (const mount of volumesOf(container)) {
    const known = core.model.get('volumes', mount.name);
    const spec = askFor(container, mount);
    if (known && isLocal(known) && (spec.driver === '' || spec.driver === localDriver)) continue;
    await ensureVolume(core, { ...spec, isSeen: isSeen(mount.name) });
  }
}

function askFor(container: Container, { name, destination }: MountPoint): VolumeSpec {
  const anonymous = container.anonymousVolumes.includes(name);
  const { Mounts, VolumeDriver = '' } = container.hostConfig;
  const asked = Mounts?.find(
    ({ Type, Target }) => Type === 'volume' && cleanPath(Target) === destination,
  )?.VolumeOptions;
  return {
    name,
    driver: asked?.DriverConfig?.Name || VolumeDriver,
    labels: labelsOf(asked?.Labels ?? {}, { anonymous }),
    options: asked?.DriverConfig?.Options ?? {},
    anonymous,
    usedBy: container.id,
  };
}

/** Its mounts follow what plugins have made of volumes: the driver with its tag, and where they are. */
export function volumesMade(view: Pick<View, 'get'>, container: Container): readonly Change[] {
  if (volumesOf(container).every(isLocal)) return [];
  const mounts = container.mounts.map((mount) => {
    const volume = mount.type === 'volume' ? view.get('volumes', mount.name) : undefined;
    return volume ? { ...mount, driver: volume.driver, source: volume.mountpoint } : mount;
  });
  return [{ table: 'containers', put: { ...container, mounts } }];
}

/** They are mounted; an empty one gets what the image has at its place. */
export async function useVolumes(core: UsingVolumes, container: Container, rootfs: string): Promise<void> {
  for (const mount of volumesOf(container)) {
    const { name, driver, destination, copyUp, propagation, readWrite } = mount;
    await use(core, { container, mount }, copyUp ? { rootfs, destination } : undefined);
    const attributes = { container: container.id, destination, driver, propagation };
    core.events.emit({
      type: 'volume',
      action: 'mount',
      id: name,
      attributes: { ...attributes, 'read/write': String(readWrite) },
    });
  }
}

async function use(
  core: UsingVolumes,
  { container, mount }: { readonly container: Container; readonly mount: MountPoint },
  fill: Fill | undefined,
): Promise<void> {
  if (isLocal(mount)) return core.volumes.use(mount.name, container.id, fill);
  const { path } = await mountByPlugin(core, container.id, mount);
  if (fill) await core.volumes.fill(path, fill);
}

/** The container ended; each is tried even if another fails. */
export async function letVolumesGo(core: UsingVolumes, container: Container): Promise<void> {
  await unmountByPlugins(core, container.id);
  for (const mount of volumesOf(container)) {
    const { name, driver } = mount;
    try {
      if (isLocal(mount)) await core.volumes.letGo(name, container.id);
      const attributes = { container: container.id, driver };
      core.events.emit({ type: 'volume', action: 'unmount', id: name, attributes });
    } catch (error) {
      core.logger.error('letting a volume go', { container: container.id, volume: name, error });
    }
  }
}

const cannotBeAsked = ['PLUGIN_NOT_FOUND', 'PLUGIN_AWAY', 'PLUGIN_BROKEN', 'PLUGIN_SLOW'] as const;

/** `rm -v`: those that were made for it and that nobody else uses. One that cannot be removed stays. */
export async function removeAnonymousVolumes(core: KeepingVolumes, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const volume = core.model.get('volumes', name);
    if (!volume || usersOf(core, name).length > 0) continue;
    try {
      await removeVolume(core, name, { force: false });
    } catch (error) {
      if (!isLocal(volume) && hasCode(error, ...cannotBeAsked)) {
        await removeLater(core, volume);
        continue;
      }
      core.logger.warn('a volume without a name stays', { volume: name, why: messageOf(error) });
    }
  }
}
