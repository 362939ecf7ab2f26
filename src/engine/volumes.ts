/** Volumes: made, listed with their users, removed. */
import { fail, hasCode } from '../errors.ts';
import { isAnonymous, labelsOf, type Volume } from '../model/volume.ts';
import type { Core } from './core.ts';
import type { VolumeVerbs } from './volume-verbs.ts';

export type KeepingVolumes = Pick<Core, 'dice' | 'events' | 'model' | 'volumes'>;

export function volumeVerbs(core: KeepingVolumes): VolumeVerbs {
  const find = (name: string): Volume => {
    const volume = core.model.get('volumes', name);
    if (!volume) throw fail('VOLUME_NOT_FOUND', name);
    return volume;
  };
  const withUsers = (volume: Volume) => ({ volume, usedBy: usersOf(core, volume.name) });
  return {
    list: () => Array.from(core.model.all('volumes'), withUsers),
    get: (name) => withUsers(find(name)),
    async create(draft) {
      const known = draft.name === '' ? undefined : core.model.get('volumes', draft.name);
      if (known) return known;
      const name = draft.name || core.dice.id();
      const anonymous = draft.name === '';
      const labels = labelsOf(draft.labels, { anonymous });
      const volume = await core.volumes.create({ ...draft, name, labels, anonymous });
      tellVolume(core, 'create', volume);
      return volume;
    },
    async remove(name, { force }) {
      if (force && !core.model.get('volumes', name)) return;
      const volume = find(name);
      await core.volumes.remove(name, () => refuseUsed(core, name));
      tellVolume(core, 'destroy', volume);
    },
    size: (name) => core.volumes.size(find(name).name),
    prune: (matches, options) => prune(core, matches, options),
  };
}

/** By its turn another may have removed it, or a container have been made that wants it. */
function refuseUsed(core: Pick<Core, 'model'>, name: string): void {
  if (!core.model.get('volumes', name)) throw fail('VOLUME_NOT_FOUND', name);
  const users = usersOf(core, name);
  if (users.length > 0) throw fail('VOLUME_IN_USE', name, users.join(', '));
}

const usersOf = (core: Pick<Core, 'model'>, name: string): readonly string[] =>
  Array.from(core.model.all('containers'))
    .filter(({ mounts }) => mounts.some((mount) => mount.type === 'volume' && mount.name === name))
    .map(({ id }) => id);

/** What is behind a volume with options (a share, a disk) is not the engine's: Docker never prunes those. */
const isPrunable = (volume: Volume, { all }: { readonly all: boolean }): boolean =>
  Object.keys(volume.options).length === 0 && (all || isAnonymous(volume));

async function prune(
  core: Pick<Core, 'events' | 'model' | 'volumes'>,
  matches: (volume: Volume) => boolean,
  { all }: { readonly all: boolean },
): Promise<{ readonly removed: readonly string[]; readonly bytes: number }> {
  const removed: string[] = [];
  let bytes = 0;
  for (const volume of [...core.model.all('volumes')]) {
    if (!isPrunable(volume, { all }) || usersOf(core, volume.name).length > 0 || !matches(volume)) continue;
    const size = await core.volumes.size(volume.name);
    try {
      await core.volumes.remove(volume.name, () => refuseUsed(core, volume.name));
    } catch (error) {
      if (hasCode(error, 'VOLUME_NOT_FOUND', 'VOLUME_IN_USE')) continue;
      throw error;
    }
    bytes += size;
    tellVolume(core, 'destroy', volume);
    removed.push(volume.name);
  }
  core.events.emit({ type: 'volume', action: 'prune', id: '', attributes: { reclaimed: String(bytes) } });
  return { removed, bytes };
}

/** An event of a volume itself; its mounts have more attributes. */
export const tellVolume = (core: Pick<Core, 'events'>, action: string, { name, driver }: Volume): void =>
  core.events.emit({ type: 'volume', action, id: name, attributes: { driver } });
