/** The verbs of images, with their events. */
import { messageOf } from '../errors.ts';
import type { Removed } from '../images/images.ts';
import { familiar, familiarName, parseReference, withDefaultTag } from '../images/reference.ts';
import type { Image } from '../model/image.ts';
import { spareTags } from '../model/spare-tags.ts';
import type { Core } from './core.ts';
import type { ImageVerbs } from './image-verbs.ts';

export type KeepingImages = Pick<Core, 'events' | 'images' | 'logger' | 'model'>;

export function imageVerbs(core: KeepingImages): ImageVerbs {
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
    ask: (ref) => askForImage(core, ref),
    async import(archive, options) {
      const image = await images.import(archive, options);
      if (options.reference !== '') emitImage(core, 'tag', image, familiarString(options.reference));
      emitImage(core, 'import', image);
      return image;
    },
    async load(archive, progress) {
      await images.load(archive, (line) => {
        const [, name] = /^Loaded image(?: ID)?: (\S+)/.exec(String(line.stream ?? '')) ?? [];
        const image = name === undefined ? undefined : images.find(name);
        if (image) emitImage(core, 'load', image);
        progress(line);
      });
    },
    async save(refs) {
      const archive = await images.save(refs);
      for (const image of refs.flatMap((ref) => images.named(ref))) emitImage(core, 'save', image);
      return archive;
    },
    async pull(ref, options, progress) {
      await images.pull(ref, options, progress);
      const { config } = images.get(ref);
      emitImage(core, 'pull', { id: familiarString(ref), config }, familiarName(parseReference(ref)));
    },
    async push(ref, options, progress) {
      const onPushed = (name: string): void => {
        const { config } = images.get(name);
        emitImage(core, 'push', { id: name, config }, familiarName(parseReference(name)));
      };
      await images.push(ref, { ...options, onPushed }, progress);
    },
    ...questions(images),
    async tag(ref, reference) {
      const image = images.get(ref);
      await images.tag(ref, reference);
      emitImage(core, 'tag', image, familiarString(reference));
    },
    remove: (ref, options) => remove(core, ref, options),
    prune: (matches) => prune(core, matches),
  };
}

const questions = (images: Core['images']): Pick<ImageVerbs, 'lookUp' | 'signIn'> => ({
  lookUp: (ref, options) => images.lookUp(ref, options),
  signIn: (address, auth) => images.signIn(address, auth),
});

/**
 * An image that is about to be used. The built-in one is made if it is named; without a busybox to make it from it is
 * missing like any other, and clients pull one. Throws IMAGE_NOT_FOUND.
 */
export async function askForImage(core: Pick<Core, 'images' | 'logger'>, ref: string): Promise<Image> {
  await core.images.provide(ref).catch((error: unknown) => {
    core.logger.debug('the built-in image cannot be made', { why: messageOf(error) });
  });
  return core.images.get(ref);
}

/** Containers by image id. */
function userCounts(core: Pick<Core, 'model'>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { image } of core.model.all('containers')) counts.set(image, (counts.get(image) ?? 0) + 1);
  return counts;
}

async function remove(
  core: Pick<Core, 'events' | 'images' | 'model'>,
  ref: string,
  { force, noPrune = false }: { readonly force: boolean; readonly noPrune?: boolean },
): Promise<readonly Removed[]> {
  const image = core.images.get(ref);
  const known = new Map(Array.from(core.model.all('images'), (one) => [one.id, one]));
  const usedBy = (imageId: string): string | undefined =>
    Array.from(core.model.all('containers')).find((container) => container.image === imageId)?.id;
  const removed = await core.images.remove(ref, { force, noPrune, usedBy });
  for (const { untagged, deleted = '' } of removed) {
    // layers are deleted, too, but only images have events
    const gone = known.get(deleted);
    if (untagged) emitImage(core, 'untag', image);
    // as in Docker: without labels
    else if (gone) emitImage(core, 'delete', { ...gone, config: {} });
  }
  return removed;
}

async function prune(
  core: KeepingImages,
  matches: (image: Image) => boolean,
): Promise<{ readonly removed: readonly Removed[]; readonly bytes: number }> {
  const users = userCounts(core);
  const removed: Removed[] = [];
  let bytes = 0;
  for (const image of [...core.model.all('images')]) {
    if (!matches(image)) continue;
    const isUsed = users.has(image.id);
    try {
      for (const ref of isUsed ? spareTags(image, core.model.all('containers')) : [image.id])
        removed.push(...(await remove(core, ref, { force: !isUsed })));
      if (!isUsed) bytes += image.size;
    } catch (error) {
      core.logger.info('an unused image stays', { image: image.id, why: messageOf(error) });
    }
  }
  core.events.emit({ type: 'image', action: 'prune', id: '', attributes: { reclaimed: String(bytes) } });
  return { removed, bytes };
}

/** As `docker images` shows it: `busybox:latest`. */
export const familiarString = (reference: string): string =>
  familiar(withDefaultTag(parseReference(reference)));

/** Attributes as in Docker: the image's labels and a name, which is usually the id. */
export const emitImage = (
  core: Pick<Core, 'events'>,
  action: string,
  { id, config }: Pick<Image, 'id' | 'config'>,
  name: string = id,
): void => core.events.emit({ type: 'image', action, id, attributes: { ...config.Labels, name } });
