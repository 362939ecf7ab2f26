/** Volumes: made, listed with their users, removed. */
import { during, fail, hasCode } from '../errors.ts';
import { isAnonymous, isLocal, labelsOf, type Volume } from '../model/volume.ts';
import type { Core } from './core.ts';
import { look, probe, type SeenRecord, survey } from './volume-asking.ts';
import {
  emitVolume,
  ensureVolume,
  type KeepingVolumes,
  refuseUsed,
  removeVolume,
  usersOf,
} from './volume-making.ts';
import type { VolumeVerbs } from './volume-verbs.ts';

export function volumeVerbs(core: KeepingVolumes): VolumeVerbs {
  const withUsers = (volume: Volume) => ({ volume, usedBy: usersOf(core, volume.name) });
  return {
    async list() {
      const { volumes, warnings } = await survey(core);
      return { volumes: volumes.map(withUsers), warnings };
    },
    own: () => Array.from(core.model.all('volumes')).filter(isPlain).map(withUsers),
    async get(name) {
      const found = await find(core, name);
      return { ...withUsers(found.volume), ...(found.status && { status: found.status }) };
    },
    create(request) {
      const name = request.name || core.generate.id();
      const anonymous = request.name === '';
      return ensureVolume(core, {
        ...request,
        name,
        anonymous,
        labels: labelsOf(request.labels, { anonymous }),
      });
    },
    remove: (name, options) => removeVolume(core, name, options),
    size: (name) => core.volumes.size(name),
    prune: (matches, options) => prune(core, matches, options),
  };
}

async function find(core: KeepingVolumes, name: string): Promise<SeenRecord> {
  const known = core.model.get('volumes', name);
  const looked = known ? look(core, known) : probe(core, name);
  const found = await looked.catch((error) => {
    throw during(`get ${name}`, error);
  });
  if (!found) throw fail('VOLUME_NOT_FOUND', name);
  return found;
}

/** What is behind a volume with options (a share, a disk) or a plugin is not the engine's: Docker never prunes those. */
/** Of the others something is mounted, perhaps of a server that does not answer: Docker does not measure them either. */
const isPlain = (volume: Volume): boolean => isLocal(volume) && Object.keys(volume.options).length === 0;

const isPrunable = (volume: Volume, { all }: { readonly all: boolean }): boolean =>
  isPlain(volume) && (all || isAnonymous(volume));

async function prune(
  core: Pick<Core, 'events' | 'model' | 'volumes' | 'volumeTurns'>,
  matches: (volume: Volume) => boolean,
  { all }: { readonly all: boolean },
): Promise<{ readonly removed: readonly string[]; readonly bytes: number }> {
  const removed: string[] = [];
  let bytes = 0;
  for (const volume of [...core.model.all('volumes')]) {
    if (!isPrunable(volume, { all }) || usersOf(core, volume.name).length > 0 || !matches(volume)) continue;
    const size = await core.volumes.size(volume.name);
    try {
      await core.volumeTurns.run(volume.name, async () => {
        if (!core.model.get('volumes', volume.name)) throw fail('VOLUME_NOT_FOUND', volume.name);
        refuseUsed(core, volume.name);
        await core.volumes.remove(volume.name);
      });
    } catch (error) {
      if (hasCode(error, 'VOLUME_NOT_FOUND', 'VOLUME_IN_USE')) continue;
      throw error;
    }
    bytes += size;
    emitVolume(core, 'destroy', volume);
    removed.push(volume.name);
  }
  core.events.emit({ type: 'volume', action: 'prune', id: '', attributes: { reclaimed: String(bytes) } });
  return { removed, bytes };
}
