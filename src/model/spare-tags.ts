/** Which tags of an image that containers use are not needed by them. */
import type { Container } from './container.ts';
import type { Image } from './image.ts';

/**
 * All but those that containers were created by; where that is none, all but the last in order, as dockerd's prune
 * leaves it.
 */
export function spareTags(
  { id, tags }: Pick<Image, 'id' | 'tags'>,
  containers: Iterable<Pick<Container, 'image' | 'config'>>,
): readonly string[] {
  const names = new Set(
    [...containers].filter(({ image }) => image === id).map(({ config }) => config.Image),
  );
  const isNamed = (tag: string): boolean => names.has(tag) || names.has(tag.replace(/:latest$/, ''));
  const needed = tags.some(isNamed) ? isNamed : (tag: string): boolean => tag === [...tags].sort().at(-1);
  return tags.filter((tag) => !needed(tag));
}
