/** What plugins know of volumes: asked for one of which the engine has a record, or by name alone. */
import { isDeepStrictEqual } from 'node:util';
import { during, hasCode, messageOf } from '../errors.ts';
import { isLocal, type Volume } from '../model/volume.ts';
import {
  type DriverSurvey,
  type SeenVolume,
  type VolumeDriver,
  volumeDriver,
  volumeDrivers,
} from '../plugins/volume-driver.ts';
import type { Core } from './core.ts';

export type AskingPlugins = Pick<Core, 'generate' | 'logger' | 'model' | 'outbox' | 'plugins' | 'records'>;

/** A volume with what its plugin says of it now. */
export interface SeenRecord {
  readonly volume: Volume;
  readonly status?: Readonly<Record<string, unknown>>;
}

/** Undefined: its plugin has none of that name. Throws where it cannot be asked, in Docker's words. */
export async function look(core: AskingPlugins, volume: Volume): Promise<SeenRecord | undefined> {
  if (isLocal(volume)) return { volume };
  try {
    const driver = await volumeDriver(core.plugins, volume.driver);
    const seen = await driver.get(volume.name);
    // it answers: what it was to take back need not wait any longer
    void core.outbox.answers(driver.name);
    return seen && (await refreshed(core, driver, seen));
  } catch (error) {
    const { name, driver } = volume;
    throw during(`error while checking if volume "${name}" exists in driver "${driver}"`, error);
  }
}

/** The record follows what the plugin says. */
async function refreshed(
  core: AskingPlugins,
  driver: VolumeDriver,
  seen: SeenVolume,
): Promise<SeenRecord | undefined> {
  const { decided } = await core.records.transact((view) => {
    const known = view.get('volumes', seen.name);
    if (!known) return { volume: undefined, changes: [] };
    const volume = withSeen(known, driver, seen);
    return { volume, changes: isDeepStrictEqual(volume, known) ? [] : [{ table: 'volumes', put: volume }] };
  });
  return decided.volume && { volume: decided.volume, ...(seen.status && { status: seen.status }) };
}

const withSeen = ({ scope: _, ...known }: Volume, { scope }: VolumeDriver, seen: SeenVolume): Volume => ({
  ...known,
  ...{ mountpoint: seen.mountpoint, created: seen.created || known.created },
  ...(scope === 'global' && { scope }),
});

/** A volume of some plugin that nobody has told the engine of; it has a record from then on, as in Docker. */
export async function probe(core: AskingPlugins, name: string): Promise<SeenRecord | undefined> {
  const { found } = await volumeDrivers(core.plugins);
  const answers = await Promise.all(found.map((driver) => seenBy(core, driver, name)));
  const first = answers.findIndex((seen) => seen !== undefined);
  const [driver, seen] = [found[first], answers[first]];
  if (!driver || !seen) return undefined;
  const volume = recordOf(core, { driver, seen, name });
  const { decided } = await core.records.transact((view) => {
    const known = view.get('volumes', name);
    return { volume: known ?? volume, changes: known ? [] : [{ table: 'volumes', put: volume }] };
  });
  return { volume: decided.volume, ...(seen.status && { status: seen.status }) };
}

async function seenBy(
  core: AskingPlugins,
  driver: VolumeDriver,
  name: string,
): Promise<SeenVolume | undefined> {
  try {
    return await driver.get(name);
  } catch (error) {
    core.plugins.leaveOut(driver.name, error);
    core.logger.warn('a plugin cannot tell of a volume', { plugin: driver.name, volume: name, error });
    return undefined;
  }
}

interface Found {
  readonly name: string;
  readonly driver: VolumeDriver;
  readonly seen: SeenVolume | undefined;
}

/** Of a volume that its plugin has. */
export const recordOf = (
  { generate }: Pick<Core, 'generate'>,
  { name, driver, seen }: Found,
  more: Partial<Pick<Volume, 'labels' | 'options' | 'anonymous'>> = {},
): Volume => ({
  ...{ name, driver: driver.name, labels: {}, options: {}, anonymous: false, ...more },
  created: seen?.created || generate.now(),
  mountpoint: seen?.mountpoint ?? '',
  ...(driver.scope === 'global' && { scope: 'global' }),
});

export interface VolumeSurvey {
  readonly volumes: readonly Volume[];
  /** Of plugins that did not answer, as Docker words them. */
  readonly warnings: readonly string[];
}

/**
 * All volumes: the engine's own, and what each plugin lists. Those of a plugin that does not answer are listed from
 * their records.
 */
export async function survey(core: AskingPlugins): Promise<VolumeSurvey> {
  const drivers = await volumeDrivers(core.plugins);
  const lists = await Promise.all(drivers.found.map((driver) => listOf(core, driver)));
  const records = [...core.model.all('volumes')];
  const answered = new Set(lists.flatMap(({ driver, volumes }) => (volumes ? [driver] : [])));
  const told = new Set([...answered, ...lists.map(({ driver }) => driver)]);
  return {
    volumes: [
      ...records.filter((volume) => !answered.has(volume.driver)),
      ...lists.flatMap(({ volumes = [] }) => volumes),
    ],
    warnings: [...lists.flatMap(({ warning }) => warning ?? []), ...silent(records, { told, drivers })],
  };
}

interface Listed {
  readonly driver: string;
  readonly volumes?: readonly Volume[];
  readonly warning?: string;
}

async function listOf(core: AskingPlugins, driver: VolumeDriver): Promise<Listed> {
  try {
    const seen = await driver.list();
    return { driver: driver.name, volumes: seen.map((one) => joined(core, driver, one)) };
  } catch (error) {
    core.plugins.leaveOut(driver.name, error);
    return { driver: driver.name, warning: `list ${driver.name}: ${messageOf(error)}` };
  }
}

/** What the plugin says, with the labels and options that the engine remembers. */
function joined(core: AskingPlugins, driver: VolumeDriver, seen: SeenVolume): Volume {
  const known = core.model.get('volumes', seen.name);
  const listed = recordOf(core, { driver, seen, name: seen.name });
  if (known?.driver !== driver.name) return listed;
  return withSeen(known, driver, seen);
}

/** Plugins that have volumes on record, and that could not even be asked for their list. */
function silent(
  records: readonly Volume[],
  { told, drivers }: { readonly told: ReadonlySet<string>; readonly drivers: DriverSurvey },
): readonly string[] {
  const names = new Set(records.filter((volume) => !isLocal(volume)).map(({ driver }) => driver));
  return [...names]
    .filter((name) => !told.has(name))
    .map((name) => {
      const why = drivers.failed.find((one) => one.name === name)?.error;
      return `list ${name}: ${why === undefined ? `plugin "${name}" not found` : messageOf(why)}`;
    });
}

/** Whether the plugin has answered, so that what it said holds. */
export const hasAnswered = (error: unknown): boolean =>
  hasCode(error, 'PLUGIN_REFUSED', 'PLUGIN_LACKS_METHOD');
