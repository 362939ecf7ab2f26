/** `GET /images/json`: all of Docker's filters. */
import type { Image } from '../../model/image.ts';
import { type Filters, parseFilters } from '../filters.ts';
import { pathPattern } from '../path-match.ts';
import { presentImageEntry } from '../presenters/image.ts';
import { repositoryOfName } from '../presenters/image-names.ts';
import { layerUse } from '../presenters/layers.ts';
import { type Answer, type Call, json } from '../route.ts';
import { olderThanAll } from './prune-until.ts';

const known = ['dangling', 'label', 'before', 'since', 'until', 'reference'];

/** Until API 1.40 a pattern for names had its own parameter. */
function referencesOf(
  { query, version }: Pick<Call, 'query' | 'version'>,
  filters: Filters,
): readonly string[] | undefined {
  const old = version < 41 ? query.text('filter') : '';
  if (old !== '') return [...filters.values('reference'), old];
  return filters.names('reference') ? filters.values('reference') : undefined;
}

/**
 * The image with its names that match a pattern, whole or without tag and digest. Undefined
 * where none does.
 */
export function namedLike(image: Image, patterns: readonly string[]): Image | undefined {
  const wanted = patterns.map(pathPattern);
  const matches = (name: string): boolean =>
    wanted.some((pattern) => pattern.test(name) || pattern.test(repositoryOfName(name)));
  const [tags, digests] = [image.tags.filter(matches), image.digests.filter(matches)];
  return tags.length + digests.length > 0 ? { ...image, tags, digests } : undefined;
}

/** Tests of all filters but `reference`; `before` and `since` name images. */
function imageTest({ engine }: Call, filters: Filters): (image: Image) => boolean {
  const created = (ref: string): string => engine.images.get(ref).created;
  const before = filters.values('before').map(created);
  const since = filters.values('since').map(created);
  const old = olderThanAll(filters);
  return (image) =>
    filters.labels('label', image.config.Labels ?? {}) &&
    before.every((date) => image.created < date) &&
    since.every((date) => image.created > date) &&
    old(Date.parse(image.created));
}

/** As Docker: an image with a digest but no tag matches both `dangling=true` and `dangling=false`. */
function danglingTest(filters: Filters): (image: Image) => boolean {
  const danglingOnly = filters.flag('dangling', false);
  if (danglingOnly) return ({ tags }) => tags.length === 0;
  return ({ tags, digests }) => !filters.has('dangling') || tags.length + digests.length > 0;
}

export function listImages(call: Call): Answer {
  const { engine, query, version } = call;
  const filters = parseFilters(query.text('filters'), known);
  const passes = imageTest(call, filters);
  const passesDangling = danglingTest(filters);
  const references = referencesOf(call, filters);
  const all = engine.images.list().map(({ image }) => image);
  const { shared } = layerUse(all);
  const counted = query.flag('shared-size');
  const parents = new Set(all.map(({ parent }) => parent));
  const isShown = ({ id, tags, digests }: Image): boolean =>
    query.flag('all') || tags.length + digests.length > 0 || !parents.has(id);
  const found = all
    .filter((image) => passes(image) && isShown(image))
    .flatMap((image) => (references ? (namedLike(image, references) ?? []) : image))
    .filter(passesDangling)
    .sort((a, b) => (a.created < b.created ? 1 : -1));
  return json(
    found.map((image) =>
      presentImageEntry(image, { version, containers: -1, sharedSize: counted ? shared(image) : -1 }),
    ),
  );
}
