/** Images: the store's verbs, and the events that they make. */
import { messageOf } from '../errors.ts';
import type { Image } from '../model/image.ts';
import type { Core } from './core.ts';
import type { ImageVerbs } from './verbs.ts';

type Removed = { readonly Untagged?: string; readonly Deleted?: string };

export function imageVerbs(core: Core): ImageVerbs {
  const { images } = core;
  return {
    list: () => {
      const users = userCounts(core);
      return Array.from(core.model.all('images'), (image) => ({
        image,
        containers: users.get(image.id) ?? 0,
      }));
    },
    get: (ref) => images.get(ref),
    async import(archive, options) {
      const image = await images.import(archive, options);
      tell(core, 'import', image.id, options.reference);
      return image;
    },
    async load(archive, progress) {
      await images.load(archive, (line) => {
        const [, name] = /^Loaded image(?: ID)?: (\S+)/.exec(String(line.stream ?? '')) ?? [];
        if (name) tell(core, 'load', images.find(name)?.id ?? name, name);
        progress(line);
      });
    },
    async save(refs) {
      const archive = await images.save(refs);
      for (const ref of refs) tell(core, 'save', images.get(ref).id, ref);
      return archive;
    },
    async pull(ref, options, progress) {
      await images.pull(ref, options, progress);
      tell(core, 'pull', ref, ref);
    },
    async tag(ref, reference) {
      const { id } = images.get(ref);
      await images.tag(ref, reference);
      tell(core, 'tag', id, reference);
    },
    remove: (ref, options) => remove(core, ref, options),
    prune: (matches) => prune(core, matches),
  };
}

/** Containers by image id. */
function userCounts(core: Core): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { image } of core.model.all('containers')) counts.set(image, (counts.get(image) ?? 0) + 1);
  return counts;
}

async function remove(
  core: Core,
  ref: string,
  { force }: { readonly force: boolean },
): Promise<readonly Removed[]> {
  const { id } = core.images.get(ref);
  const usedBy = (imageId: string): string | undefined =>
    Array.from(core.model.all('containers')).find(({ image }) => image === imageId)?.id;
  const removed = await core.images.remove(ref, { force, usedBy });
  for (const { Untagged, Deleted } of removed) {
    if (Untagged) tell(core, 'untag', id, Untagged);
    if (Deleted) tell(core, 'delete', Deleted, Deleted);
  }
  return removed;
}

async function prune(
  core: Core,
  matches: (image: Image) => boolean,
): Promise<{ readonly removed: readonly Removed[]; readonly bytes: number }> {
  const users = userCounts(core);
  const removed: Removed[] = [];
  let bytes = 0;
  for (const image of [...core.model.all('images')]) {
    if (users.has(image.id) || !matches(image)) continue;
    try {
      removed.push(...(await remove(core, image.id, { force: true })));
      bytes += image.size;
    } catch (error) {
      core.logger.info('an unused image stays', { image: image.id, why: messageOf(error) });
    }
  }
  core.events.emit({ type: 'image', action: 'prune', id: '', attributes: { reclaimed: String(bytes) } });
  return { removed, bytes };
}

const tell = (core: Core, action: string, id: string, name: string): void =>
  core.events.emit({ type: 'image', action, id, attributes: { name } });
