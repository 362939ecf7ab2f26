/**
 * What `rmi` untags and deletes. Pure: reads a View, returns changes, or throws the conflict in Docker's
 * words.
 */
import { fail } from '../errors.ts';
import type { Image } from '../model/image.ts';
import type { Change, View } from '../model/tables.ts';
import type { Removed } from './images.ts';
import { getImage, isIdOf } from './lookup.ts';
import { familiar, familiarName, parseReference, repositoryOf, withDefaultTag } from './reference.ts';

type ImageReader = Pick<View, 'get' | 'all'>;

export interface RemoveRequest {
  readonly reference: string;
  readonly force: boolean;
  /** Keep unused parents. */
  readonly noPrune: boolean;
  readonly usedBy: (imageId: string) => string | undefined;
}

export interface Removal {
  readonly changes: readonly Change[];
  readonly report: readonly Removed[];
  readonly deleted: readonly Image[];
}

const short = (id: string): string => id.replace(/^sha256:/, '').slice(0, 12);

/** Plans the removal. Throws IMAGE_NOT_FOUND or IMAGE_IN_USE. */
export function planRemoval(view: ImageReader, request: RemoveRequest): Removal {
  const image = getImage(view, request.reference);
  return isIdOf(image, request.reference)
    ? removeById(view, image, request)
    : removeByName(view, image, request);
}

const namesOf = (image: Image): string[] => [...image.tags, ...image.digests];

/** At most one tag, and all names in one repository. */
function isSingle(image: Image): boolean {
  return image.tags.length <= 1 && new Set(namesOf(image).map(repositoryOf)).size <= 1;
}

function removeById(view: ImageReader, image: Image, request: RemoveRequest): Removal {
  const conflict = conflictOf(view, image, request, !isSingle(image));
  if (conflict && (conflict.hard || !request.force)) throw conflict.error;
  return deleteImage(view, image, namesOf(image), request);
}

function removeByName(view: ImageReader, image: Image, request: RemoveRequest): Removal {
  const user = request.usedBy(image.id);
  if (user !== undefined && !request.force && isSingle(image))
    throw fail(
      'IMAGE_IN_USE',
      `conflict: unable to remove repository reference "${request.reference}" (must force) - container ${short(user)} is using its referenced image ${short(image.id)}`,
    );
  const { untagged, left } = takeName(image, request.reference);
  const conflict = conflictOf(view, image, request, false);
  // an image that is in use or has other names only loses this one
  const stays = namesOf(left).length > 0 || (conflict !== undefined && (conflict.hard || !request.force));
  if (!stays) return deleteImage(view, image, untagged, request);
  return {
    changes: [{ table: 'images', put: left }],
    report: untagged.map((name) => ({ untagged: name })),
    deleted: [],
  };
}

/** With its last tag in a repository an image also loses the repository's digests. */
function takeName(
  image: Image,
  asked: string,
): { readonly untagged: readonly string[]; readonly left: Image } {
  const reference = parseReference(asked);
  if (reference.digest) {
    const name = `${familiarName(reference)}@${reference.digest}`;
    return { untagged: [name], left: { ...image, digests: image.digests.filter((d) => d !== name) } };
  }
  const name = familiar(withDefaultTag(reference));
  const tags = image.tags.filter((tag) => tag !== name);
  const repository = familiarName(reference);
  const lastTag = !tags.some((tag) => repositoryOf(tag) === repository);
  const gone = lastTag ? image.digests.filter((digest) => repositoryOf(digest) === repository) : [];
  const digests = image.digests.filter((digest) => !gone.includes(digest));
  return { untagged: [name, ...gone], left: { ...image, tags, digests } };
}

interface Conflict {
  readonly hard: boolean;
  readonly error: Error;
}

function conflictOf(
  view: ImageReader,
  image: Image,
  request: RemoveRequest,
  manyNames: boolean,
): Conflict | undefined {
  const because = (hard: boolean, why: string): Conflict => ({
    hard,
    error: fail(
      'IMAGE_IN_USE',
      `conflict: unable to delete ${short(image.id)} (${hard ? 'cannot be forced' : 'must be forced'}) - ${why}`,
    ),
  });
  for (const other of view.all('images'))
    if (other.parent === image.id) return because(true, 'image has dependent child images');
  const running = userOf(view, image.id, request.usedBy, true);
  if (running) return because(true, `image is being used by running container ${short(running)}`);
  if (manyNames) return because(false, 'image is referenced in multiple repositories');
  const stopped = userOf(view, image.id, request.usedBy, false);
  return stopped ? because(false, `image is being used by stopped container ${short(stopped)}`) : undefined;
}

/** A running, or a stopped, container of the image. */
function userOf(
  view: ImageReader,
  imageId: string,
  usedBy: RemoveRequest['usedBy'],
  running: boolean,
): string | undefined {
  const told = usedBy(imageId);
  if (told === undefined) return undefined;
  const all = [...view.all('containers')].filter((container) => container.image === imageId);
  const isRunning = (status: string): boolean => ['running', 'paused', 'restarting'].includes(status);
  const found = all.find((container) => isRunning(container.state.status) === running);
  return found?.id ?? (all.length === 0 && !running ? told : undefined);
}

function deleteImage(
  view: ImageReader,
  image: Image,
  untagged: readonly string[],
  request: RemoveRequest,
): Removal {
  const deleted = [image];
  let parent = request.noPrune ? undefined : view.get('images', image.parent);
  while (parent && isForgotten(view, parent, deleted, request)) {
    deleted.push(parent);
    parent = view.get('images', parent.parent);
  }
  const report: Removed[] = untagged.map((name) => ({ untagged: name }));
  report.push(...deleted.map(({ id }) => ({ deleted: id })), ...layersOf(view, deleted));
  return { changes: deleted.map(({ id }) => ({ table: 'images', remove: id })), report, deleted };
}

/** Whether a parent has no names, users or other children, and is deleted too. */
function isForgotten(
  view: ImageReader,
  image: Image,
  deleted: readonly Image[],
  request: RemoveRequest,
): boolean {
  if (namesOf(image).length > 0 || request.usedBy(image.id) !== undefined) return false;
  return ![...view.all('images')].some(
    (other) => other.parent === image.id && !deleted.some(({ id }) => id === other.id),
  );
}

/** Layers that no other image has, uppermost first. */
function layersOf(view: ImageReader, deleted: readonly Image[]): Removed[] {
  const kept = new Set<string>();
  for (const image of view.all('images'))
    if (!deleted.some(({ id }) => id === image.id)) for (const layer of image.layers) kept.add(layer);
  const gone = new Set(deleted.flatMap((image) => [...image.layers].reverse()));
  return [...gone].filter((layer) => !kept.has(layer)).map((layer) => ({ deleted: layer }));
}
