/** The parents that `docker save` notes of images in one archive. Pure. */
import { fail } from '../errors.ts';
import { type ConfigFile, type HistoryLine, idOf, parseConfig } from './config.ts';
import type { NewImage } from './store.ts';

const times = ({ created }: HistoryLine): number | undefined =>
  created === undefined ? undefined : Date.parse(created);

const isSame = (one: HistoryLine, other: HistoryLine): boolean =>
  times(one) === times(other) &&
  (['created_by', 'comment', 'author'] as const).every((key) => (one[key] ?? '') === (other[key] ?? '')) &&
  (one.empty_layer ?? false) === (other.empty_layer ?? false);

/** One step more than the parent's history, or no history in either, as dockerd. */
function follows({ history: own = [] }: ConfigFile, { history: before = [] }: ConfigFile): boolean {
  if (own.length === 0 && before.length === 0) return true;
  return own.length === before.length + 1 && before.every((line, at) => isSame(line, own[at] ?? {}));
}

/** `parents`: an id for each image, or ''. One that is not in the archive is left out. Throws IMAGE_INVALID. */
export function withParents(images: readonly NewImage[], parents: readonly string[]): readonly NewImage[] {
  const files = new Map(images.map(({ file }) => [idOf(file), parseConfig(file)]));
  return images.map((image, at) => {
    const id = idOf(image.file);
    const parent = parents[at] ?? '';
    const file = files.get(parent);
    if (!file || parent === id) return image;
    if (!follows(parseConfig(image.file), file))
      throw fail('IMAGE_INVALID', `image ${parent} is not a valid parent for ${id}`);
    return { ...image, parent };
  });
}
