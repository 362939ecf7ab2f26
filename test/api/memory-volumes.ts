import type { VolumeRequest, VolumeVerbs } from '../../src/engine/volume-verbs.ts';
import { fail } from '../../src/errors.ts';
import type { Volume } from '../../src/model/volume.ts';

const recordOf = ({ name, driver, labels, options }: VolumeRequest): Volume => ({
  ...{ name, driver: driver || 'local', labels, options, anonymous: false },
  ...{ created: '2026-01-01T00:00:00.123456789Z', mountpoint: `/${name}/_data` },
});

/** There is one, `v1`; none is used. */
export function volumeVerbs(): VolumeVerbs {
  const all = new Map([['v1', recordOf({ name: 'v1', driver: 'local', labels: {}, options: {} })]]);
  const get = (name: string) => {
    const volume = all.get(name);
    if (!volume) throw fail('VOLUME_NOT_FOUND', name);
    return { volume, usedBy: [] };
  };
  const own = () => Array.from(all.values(), (volume) => ({ volume, usedBy: [] }));
  return {
    list: async () => ({ volumes: own(), warnings: [] }),
    own,
    get: async (name) => get(name),
    async create(request) {
      const volume = all.get(request.name) ?? recordOf(request);
      all.set(volume.name, volume);
      return volume;
    },
    async remove(name, { force }) {
      if (!force) get(name);
      all.delete(name);
    },
    size: async () => 0,
    prune: async () => ({ removed: ['v1'], bytes: 5 }),
  };
}
