/** Volumes of all drivers: made once, found again, removed; in Docker's order, one change of a name at a time. */
import { during, fail, hasCode, messageOf } from '../errors.ts';
import { entriesFor } from '../model/outbox.ts';
import type { Change } from '../model/tables.ts';
import { isLocal, localDriver, type Volume } from '../model/volume.ts';
import { removeCall, type VolumeDriver, volumeDriver } from '../plugins/volume-driver.ts';
import type { Core } from './core.ts';
import { intend, takeBack } from './plugin-intents.ts';
import { type AskingPlugins, hasAnswered, look, probe, recordOf } from './volume-asking.ts';

export type KeepingVolumes = AskingPlugins & Pick<Core, 'events' | 'volumes' | 'volumeTurns'>;

export interface VolumeSpec extends Pick<Volume, 'name' | 'labels' | 'options' | 'anonymous'> {
  /** '' for whichever has it, else the engine's own. */
  readonly driver: string;
  /** The container that it is made for, which is on record as a user already. */
  readonly usedBy?: string;
  /** Its plugin has told of it just now: it is not asked again. */
  readonly isSeen?: boolean;
}

/** The volume of that name, made unless it is there. Throws VOLUME_NAME_TAKEN where another driver has it. */
export function ensureVolume(core: KeepingVolumes, spec: VolumeSpec): Promise<Volume> {
  return core.volumeTurns.run(spec.name, async () => {
    const known = core.model.get('volumes', spec.name);
    if (known && spec.isSeen) return known;
    const kept = known && (await stillThere(core, known, spec));
    if (kept) return kept;
    const found = spec.driver === '' && !spec.anonymous ? await probe(core, spec.name) : undefined;
    if (found) return found.volume;
    const volume = await make(core, spec);
    emitVolume(core, 'create', volume);
    return volume;
  });
}

/** Undefined: the driver has lost it, and nobody uses it; its record is gone. */
async function stillThere(
  core: KeepingVolumes,
  known: Volume,
  spec: VolumeSpec,
): Promise<Volume | undefined> {
  const { name, driver } = known;
  const asked = spec.driver === '' ? driver : await canonical(core, spec);
  const seen = await look(core, known).catch((error) => {
    const found = `found reference to volume '${name}' in driver '${driver}'`;
    throw fail(
      'VOLUME_NAME_TAKEN',
      name,
      `${found}, but got an error while checking the driver: ${messageOf(error)}`,
    );
  });
  if (seen) {
    if (asked === driver) return seen.volume;
    throw fail('VOLUME_NAME_TAKEN', name, `driver '${driver}' already has volume '${name}'`);
  }
  if (usersOf(core, name).some((id) => id !== spec.usedBy))
    throw fail(
      'VOLUME_NAME_TAKEN',
      name,
      `found references to volume '${name}' in driver '${driver}' but the volume was not found in the driver -- you may need to remove containers referencing this volume or force remove the volume to re-create it`,
    );
  await forget(core, name);
  return undefined;
}

/** A plugin's name may come without its tag. */
async function canonical(core: KeepingVolumes, spec: VolumeSpec): Promise<string> {
  return spec.driver === localDriver ? localDriver : (await pluginFor(core, spec)).name;
}

async function pluginFor(core: KeepingVolumes, { name, driver }: VolumeSpec): Promise<VolumeDriver> {
  try {
    return await volumeDriver(core.plugins, driver);
  } catch (error) {
    if (hasCode(error, 'PLUGIN_NOT_FOUND')) throw fail('VOLUME_DRIVER_NOT_FOUND', name, driver);
    throw during(`create ${name}: error looking up volume plugin ${driver}`, error);
  }
}

async function make(core: KeepingVolumes, spec: VolumeSpec): Promise<Volume> {
  const { name, labels, options, anonymous } = spec;
  if (spec.driver === '' || spec.driver === localDriver)
    return core.volumes.create({ name, labels, options, anonymous, driver: localDriver });
  const driver = await pluginFor(core, spec);
  try {
    return await makeByPlugin(core, driver, spec);
  } catch (error) {
    throw during(`create ${name}`, error);
  }
}

/** One that the plugin has already gets a record, and is not made again. */
async function makeByPlugin(core: KeepingVolumes, driver: VolumeDriver, spec: VolumeSpec): Promise<Volume> {
  const { name, labels, options, anonymous } = spec;
  const seen = await driver.get(name);
  const intent = seen ? undefined : await createByPlugin(core, driver, spec);
  const put = recordOf(core, { driver, seen, name }, { labels, options, anonymous });
  try {
    await core.records.transact(() => [
      { table: 'volumes', put },
      ...(intent === undefined ? [] : [{ table: 'outbox', remove: intent } as const]),
    ]);
  } catch (error) {
    // made just now for a record that there is not
    if (intent !== undefined) void core.outbox.work([intent]);
    else if (!seen)
      await driver
        .remove(name)
        .catch((again) => core.logger.warn('removing a volume', { volume: name, error: again }));
    throw error;
  }
  return put;
}

/**
 * A name that the engine has drawn is nobody else's: whatever comes of the request, it can be taken back. One that a user
 * has chosen may have been made by another host meanwhile: it stays, and is found by its name.
 */
async function createByPlugin(
  core: KeepingVolumes,
  driver: VolumeDriver,
  { name, options, anonymous }: VolumeSpec,
): Promise<string | undefined> {
  if (!anonymous) {
    await driver.create(name, options);
    return undefined;
  }
  const intent = await intend(core, `volume:${name}`, removeCall(driver.name, name));
  try {
    await driver.create(name, options);
    return intent;
  } catch (error) {
    await takeBack(core, intent, error);
    throw error;
  }
}

export interface RemoveVolume {
  /** Not there: no error. A plugin that cannot be asked keeps its volume, and the engine forgets it. */
  readonly force: boolean;
}

/** Throws VOLUME_NOT_FOUND, VOLUME_IN_USE, and what the plugin says. */
export async function removeVolume(core: KeepingVolumes, name: string, options: RemoveVolume): Promise<void> {
  const known = core.model.get('volumes', name);
  const state = known ? await stateOf(core, known, options) : (await probe(core, name)) ? 'there' : 'gone';
  await core.volumeTurns.run(name, async () => {
    const volume = core.model.get('volumes', name);
    if (volume && state === 'gone' && (options.force || usersOf(core, name).length === 0))
      await goneAtPlugin(core, volume);
    if (!volume || state === 'gone') {
      if (options.force) return;
      throw fail('VOLUME_NOT_FOUND', name);
    }
    refuseUsed(core, name);
    if (isLocal(volume)) await core.volumes.remove(name);
    else if (state === 'there') await removeByPlugin(core, volume, options);
    else await forget(core, name);
    emitVolume(core, 'destroy', volume);
  });
}

/** `unknown`, only by force: the plugin cannot be asked. */
async function stateOf(
  core: KeepingVolumes,
  volume: Volume,
  { force }: RemoveVolume,
): Promise<'there' | 'gone' | 'unknown'> {
  try {
    return (await look(core, volume)) ? 'there' : 'gone';
  } catch (error) {
    if (!force) throw during(`get ${volume.name}`, error);
    core.logger.warn('a volume is forgotten that its plugin may still have', { volume: volume.name, error });
    return 'unknown';
  }
}

/** Asked once more: while the turn was waited for it may have been removed. */
async function removeByPlugin(core: KeepingVolumes, volume: Volume, { force }: RemoveVolume): Promise<void> {
  const { name } = volume;
  try {
    const driver = await volumeDriver(core.plugins, volume.driver);
    const seen = await driver.get(name);
    // it may still count a mount that it was to take back
    await core.outbox.answers(driver.name, ({ body }) => body.Name === name);
    if (seen) await driver.remove(name);
  } catch (error) {
    if (!force || hasAnswered(error)) throw during(`remove ${name}`, error);
    core.logger.warn('a volume is forgotten that its plugin may still have', { volume: name, error });
    await forget(core, name);
    return;
  }
  await goneAtPlugin(core, volume);
}

/** No mount of it is to be taken back any more. */
async function goneAtPlugin(core: KeepingVolumes, { name, driver }: Volume): Promise<void> {
  await forget(core, name);
  await core.outbox.drop(
    driver,
    ({ method, body }) => method === 'VolumeDriver.Unmount' && body.Name === name,
  );
}

/** Of one whose name the engine has drawn: a plugin that cannot be asked now is asked later. */
export async function removeLater(core: KeepingVolumes, { name, driver }: Volume): Promise<void> {
  const entries = entriesFor(`volume:${name}`, [removeCall(driver, name)], core.generate);
  await core.records.keep(() => [
    { table: 'volumes', remove: name },
    ...entries.map((entry): Change => ({ table: 'outbox', put: { ...entry, state: 'asked' } })),
  ]);
  void core.outbox.work(entries.map(({ id }) => id));
}

const forget = (core: Pick<Core, 'records'>, name: string) =>
  core.records.keep((view) => (view.get('volumes', name) ? [{ table: 'volumes', remove: name }] : []));

/** By its turn another may have removed it, or a container have been made that wants it. */
export function refuseUsed(core: Pick<Core, 'model'>, name: string): void {
  const users = usersOf(core, name);
  if (users.length > 0) throw fail('VOLUME_IN_USE', name, users.join(', '));
}

/** Ids of containers. */
export const usersOf = (core: Pick<Core, 'model'>, name: string): readonly string[] =>
  Array.from(core.model.all('containers'))
    .filter(({ mounts }) => mounts.some((mount) => mount.type === 'volume' && mount.name === name))
    .map(({ id }) => id);

/** An event of a volume itself; its mounts have more attributes. */
export const emitVolume = (core: Pick<Core, 'events'>, action: string, { name, driver }: Volume): void =>
  core.events.emit({ type: 'volume', action, id: name, attributes: { driver } });
