/**
 * What plugins mount for containers. That a plugin is to be told of the end of a mount is in the outbox before the mount
 * is asked for, then in the container's record, then in the outbox again, so that it is asked even after a crash.
 */
import { during, fail } from '../../errors.ts';
import type { Container, MountPoint, PluginMount } from '../../model/container.ts';
import { entriesFor } from '../../model/outbox.ts';
import { findContainer } from '../../model/references.ts';
import type { Change } from '../../model/tables.ts';
import { isLocal } from '../../model/volume.ts';
import { unmountCall, volumeDriver } from '../../plugins/volume-driver.ts';
import type { Core } from '../core.ts';
import { type Intending, intend, takeBack } from '../plugin-intents.ts';

export type MountingByPlugin = Intending & Pick<Core, 'plugins'>;

type PluginVolume = Pick<MountPoint, 'name' | 'driver' | 'destination' | 'source'>;

interface Mounted {
  readonly mount: PluginMount;
  /** Id of the entry that takes it back. */
  readonly intent: string;
}

/** For this run of the container. */
export async function mountByPlugin(
  core: MountingByPlugin,
  containerId: string,
  volume: PluginVolume,
): Promise<PluginMount> {
  const { mount, intent } = await mounted(core, volume);
  try {
    await core.records.transact((view) => [
      { table: 'containers', put: withMount(findContainer(view, containerId), mount) },
      { table: 'outbox', remove: intent },
    ]);
  } catch (error) {
    void core.outbox.work([intent]);
    throw error;
  }
  return mount;
}

const withMount = (container: Container, mount: PluginMount): Container => ({
  ...container,
  pluginMounts: [...(container.pluginMounts ?? []), mount],
});

async function mounted(core: MountingByPlugin, volume: PluginVolume): Promise<Mounted> {
  const { name, destination } = volume;
  try {
    const driver = await volumeDriver(core.plugins, volume.driver);
    if (!(await driver.get(name))) throw fail('VOLUME_NOT_FOUND', name);
    const id = core.generate.id();
    const intent = await intend(core, `mount:${id}`, unmountCall(driver.name, name, id));
    const path = await driver.mount(name, id).catch(async (error) => {
      await takeBack(core, intent, error);
      throw error;
    });
    return { mount: { volume: name, plugin: driver.name, id, destination, path }, intent };
  } catch (error) {
    throw during(`error while mounting volume '${volume.source}'`, error);
  }
}

/** The run is over. Resolves when each plugin has been asked once; one that fails is asked again later. */
export async function unmountByPlugins(core: MountingByPlugin, containerId: string): Promise<void> {
  const { decided } = await core.records.keep((view) => {
    const container = view.get('containers', containerId);
    const calls = (container?.pluginMounts ?? []).map(({ plugin, volume, id }) =>
      unmountCall(plugin, volume, id),
    );
    if (!container || calls.length === 0) return { due: [], changes: [] };
    const { pluginMounts: _, ...put } = container;
    const entries = entriesFor(`container:${containerId}`, calls, core.generate);
    const changes: readonly Change[] = [
      { table: 'containers', put },
      ...entries.map((entry): Change => ({ table: 'outbox', put: entry })),
    ];
    return { due: entries.map(({ id }) => id), changes };
  });
  await core.outbox.work(decided.due);
}

/** Its mounts as they are for the host while it runs; what a plugin has not mounted is left out. */
export const withPluginMounts = ({ mounts, pluginMounts = [] }: Container): readonly MountPoint[] =>
  mounts.flatMap((mount) => {
    if (mount.type !== 'volume' || isLocal(mount)) return [mount];
    const found = pluginMounts.find(({ destination }) => destination === mount.destination);
    return found ? [{ ...mount, source: found.path }] : [];
  });

/** For a look into a container: of one that does not run, the volumes of plugins are mounted meanwhile. */
export async function withMounts<T>(
  core: MountingByPlugin,
  container: Container,
  task: (mounts: readonly MountPoint[]) => Promise<T>,
): Promise<T> {
  const isOfPlugin = (mount: MountPoint): boolean => mount.type === 'volume' && !isLocal(mount);
  const missing = container.pluginMounts ? [] : container.mounts.filter(isOfPlugin);
  const made: Mounted[] = [];
  try {
    for (const mount of missing) made.push(await mounted(core, mount));
    const pluginMounts = [...(container.pluginMounts ?? []), ...made.map(({ mount }) => mount)];
    return await task(withPluginMounts({ ...container, pluginMounts }));
  } finally {
    await core.outbox.work(made.map(({ intent }) => intent));
  }
}
