/** Finds images by reference, and moves names between images. Pure: reads a View, returns changes. */
import { fail, messageOf } from '../errors.ts';
import type { Image } from '../model/image.ts';
import type { Change, View } from '../model/tables.ts';
import { familiar, familiarName, parseReference, type Reference, withDefaultTag } from './reference.ts';

export type Images = Pick<View, 'get' | 'all'>;

/** By id (64 hex digits), name, or prefix of an id; names win over prefixes, as in Docker. */
export function findImage(view: Images, asked: string): Image | undefined {
  const full = /^(?:sha256:)?([0-9a-f]{64})$/.exec(asked)?.[1];
  if (full) return view.get('images', `sha256:${full}`);
  const reference = parsed(asked);
  return (reference && byName(view, reference)) ?? byPrefix(view, asked);
}

/** Whether the text is the image's id or a prefix of it. */
export function isIdOf(image: Image, asked: string): boolean {
  const prefix = /^(?:sha256:)?([0-9a-f]{1,64})$/.exec(asked)?.[1];
  return prefix !== undefined && image.id.startsWith(`sha256:${prefix}`) && !named(image, asked);
}

function named(image: Image, asked: string): boolean {
  const reference = parsed(asked);
  return reference !== undefined && [...image.tags, ...image.digests].includes(nameOf(reference));
}

function parsed(asked: string): Reference | undefined {
  try {
    return parseReference(asked);
  } catch {
    return undefined;
  }
}

/** The familiar name in records; a digest wins over a tag. */
function nameOf(reference: Reference): string {
  return reference.digest
    ? `${familiarName(reference)}@${reference.digest}`
    : familiar(withDefaultTag(reference));
}

function byName(view: Images, reference: Reference): Image | undefined {
  const name = nameOf(reference);
  for (const image of view.all('images'))
    if (image.tags.includes(name) || image.digests.includes(name)) return image;
  return undefined;
}

/** Undefined also for an ambiguous prefix, as in Docker. */
function byPrefix(view: Images, asked: string): Image | undefined {
  const prefix = /^(?:sha256:)?([0-9a-f]{1,64})$/.exec(asked)?.[1];
  if (prefix === undefined) return undefined;
  const found = [...view.all('images')].filter((image) => image.id.startsWith(`sha256:${prefix}`));
  return found.length === 1 ? found[0] : undefined;
}

/** Throws IMAGE_NOT_FOUND with the name as Docker prints it, or BAD_REQUEST for an invalid reference. */
export function getImage(view: Images, asked: string): Image {
  const found = findImage(view, asked);
  if (found) return found;
  throw fail('IMAGE_NOT_FOUND', shownName(asked));
}

function shownName(asked: string): string {
  if (/^(?:sha256:)?[0-9a-f]{64}$/.test(asked))
    return asked.startsWith('sha256:') ? asked : `sha256:${asked}`;
  try {
    return familiar(withDefaultTag(parseReference(asked)));
  } catch (thrown) {
    throw fail('BAD_REQUEST', messageOf(thrown));
  }
}

/** Gives an image, which may be new, these names; other images lose them. */
export function nameImage(
  view: Images,
  image: Image,
  names: { readonly tags?: readonly string[]; readonly digests?: readonly string[] },
): readonly Change[] {
  const tags = new Set(names.tags ?? []);
  const digests = new Set(names.digests ?? []);
  const known = view.get('images', image.id) ?? image;
  const changes: Change[] = [];
  for (const other of view.all('images')) {
    if (other.id === image.id || !other.tags.some((tag) => tags.has(tag))) continue;
    changes.push({
      table: 'images',
      put: { ...other, tags: other.tags.filter((tag) => !tags.has(tag)) },
    });
  }
  const put: Image = {
    ...known,
    tags: [...new Set([...known.tags, ...tags])],
    digests: [...new Set([...known.digests, ...digests])],
  };
  return [...changes, { table: 'images', put }];
}
