/** The volumes of a container: made with it, mounted while it runs, the nameless ones removed with it. */
import { messageOf } from '../../errors.ts';
import type { Container, MountPoint } from '../../model/container.ts';
import { labelsOf } from '../../model/volume.ts';
import type { Core } from '../core.ts';
import { tellVolume } from '../volumes.ts';

export type UsingVolumes = Pick<Core, 'events' | 'logger' | 'model' | 'volumes'>;

const volumesOf = ({ mounts }: Container): readonly MountPoint[] =>
  mounts.filter(({ type }) => type === 'volume');

/** Those that the container names and that are not there yet. */
export async function makeVolumes(
  core: Pick<Core, 'events' | 'model' | 'volumes'>,
  container: Container,
): Promise<void> {
  for (const { name } of volumesOf(container)) {
    if (core.model.get('volumes', name)) continue;
    const volume = await core.volumes.create(draftOf(container, name));
    tellVolume(core, 'create', volume);
  }
}

function draftOf(container: Container, name: string): Parameters<Core['volumes']['create']>[0] {
  const anonymous = container.anonymousVolumes.includes(name);
  const asked = container.hostConfig.Mounts?.find((mount) => mount.Source === name)?.VolumeOptions;
  return {
    name,
    driver: asked?.DriverConfig?.Name || container.hostConfig.VolumeDriver || 'local',
    labels: labelsOf(asked?.Labels ?? {}, { anonymous }),
    options: asked?.DriverConfig?.Options ?? {},
    anonymous,
  };
}

/** They are mounted; an empty one gets what the image has at its place. */
export async function useVolumes(
  core: Pick<Core, 'events' | 'volumes'>,
  container: Container,
  rootfs: string,
): Promise<void> {
  for (const { name, driver, destination, copyUp, propagation, readWrite } of volumesOf(container)) {
    await core.volumes.use(name, container.id, copyUp ? { rootfs, destination } : undefined);
    const attributes = { container: container.id, destination, driver, propagation };
    core.events.emit({
      type: 'volume',
      action: 'mount',
      id: name,
      attributes: { ...attributes, 'read/write': String(readWrite) },
    });
  }
}

/** The container ended; each is tried even if another fails. */
export async function letVolumesGo(
  core: Pick<Core, 'events' | 'logger' | 'volumes'>,
  container: Container,
): Promise<void> {
  for (const { name, driver } of volumesOf(container)) {
    try {
      await core.volumes.letGo(name, container.id);
      const attributes = { container: container.id, driver };
      core.events.emit({ type: 'volume', action: 'unmount', id: name, attributes });
    } catch (error) {
      core.logger.error('letting a volume go', { container: container.id, volume: name, error });
    }
  }
}

/** `rm -v`: those that were made for it and that nobody else uses. One that cannot be removed stays. */
export async function removeAnonymousVolumes(core: UsingVolumes, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const volume = core.model.get('volumes', name);
    if (!volume || isUsed(core, name)) continue;
    try {
      await core.volumes.remove(name);
      tellVolume(core, 'destroy', volume);
    } catch (error) {
      core.logger.warn('a volume without a name stays', { volume: name, why: messageOf(error) });
    }
  }
}

const isUsed = (core: Pick<Core, 'model'>, name: string): boolean =>
  Array.from(core.model.all('containers')).some(({ mounts }) => mounts.some((mount) => mount.name === name));
