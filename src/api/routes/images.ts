/** `/images`. */
import { fail, messageOf } from '../../errors.ts';
import type { Image } from '../../model/image.ts';
import { bodyParser } from '../body.ts';
import { parsePruneFilters, passesLabels } from '../filters.ts';
import { presentHistory, presentImage, presentRemoved } from '../presenters/image.ts';
import { type Answer, type Call, empty, json, param, type Route, route } from '../route.ts';
import { platform as platformSchema } from '../schemas/platform.ts';
import { begin, sendStream, withProgress } from '../streaming.ts';

import { createImage } from './images-create.ts';
import { listImages } from './images-list.ts';
import { prunesBefore } from './prune-until.ts';

function refusePlatforms({ query, version }: Call, doing: string): void {
  const platforms = version >= 48 ? query.list('platform').filter((text) => text !== '') : [];
  if (platforms.length > 1) throw fail('BAD_REQUEST', 'multiple platform parameters not supported');
  if (platforms.length === 1) throw fail('NOT_SUPPORTED', `${doing} a single platform of an image`);
}

async function save(call: Call): Promise<Answer> {
  const single = call.params.name;
  const names = single === undefined ? call.query.list('names').flatMap((name) => name.split(',')) : [single];
  refusePlatforms(call, 'saving');
  const archive = await call.engine.images.save(names);
  return await sendStream(call.response, archive, { contentType: 'application/x-tar', log: call.log });
}

/**
 * Errors of an archive are reported in the answer's stream. Nothing is sent before the first report: a
 * client may take the head of the answer for the end of a quiet load, and hang up.
 */
function load(call: Call): Promise<Answer> {
  refusePlatforms(call, 'loading');
  const quiet = call.query.flag('quiet', true);
  return withProgress(call.response, async (lines) => {
    const send = (line: object): void => {
      if (!quiet || !('progressDetail' in line)) lines.write(line);
    };
    await call.engine.images.load(call.upload, send).catch((error: unknown) => {
      if (!lines.begun) begin(call.response, 'application/json');
      throw error;
    });
  });
}

async function tag(call: Call): Promise<Answer> {
  const { query } = call;
  const repo = query.text('repo');
  if (repo === '') throw fail('BAD_REQUEST', 'invalid reference format');
  if (/^((docker\.io\/)?library\/)?sha(256|384|512)$/.test(repo))
    throw fail('BAD_REQUEST', 'refusing to create an ambiguous tag using digest algorithm as name');
  const reference = `${repo}:${query.text('tag') || 'latest'}`;
  await call.engine.images.tag(param(call, 'name'), query.text('tag') === '' ? repo : reference);
  return empty(201);
}

async function remove(call: Call): Promise<Answer> {
  const options = { force: call.query.flag('force'), noPrune: call.query.flag('noprune') };
  const name = param(call, 'name');
  if (name.trim() === '') throw fail('BAD_REQUEST', 'image name cannot be blank');
  return json(presentRemoved(await call.engine.images.remove(name, options)));
}

/** Dangling ones only, unless `dangling=false` asks for all that no container uses. */
async function prune({ engine, query }: Call): Promise<Answer> {
  const filters = parsePruneFilters(query.text('filters'), ['dangling', 'until']);
  const danglingOnly = filters.flag('dangling', true);
  const old = prunesBefore(filters);
  const { removed, bytes } = await engine.images.prune(
    (image) =>
      (!danglingOnly || image.tags.length === 0) &&
      passesLabels(filters, image.config.Labels ?? {}) &&
      old(Date.parse(image.created)),
  );
  return json({ ImagesDeleted: removed.length > 0 ? presentRemoved(removed) : null, SpaceReclaimed: bytes });
}

const parsePlatform = bodyParser(platformSchema);

/** `platform` of a query is JSON of `os`, `architecture` and `variant`. Throws BAD_REQUEST. */
function platformOf(text: string): string {
  try {
    return partsOf(parsePlatform(text));
  } catch (error) {
    throw fail('BAD_REQUEST', `failed to parse platform: ${messageOf(error).replace(/^invalid JSON: /, '')}`);
  }
}

const partsOf = ({ os = '', architecture = '', variant = '' }: Partial<Image>): string =>
  [os, architecture, variant].filter(Boolean).join('/');

function refuseOther(image: Image, { name, wanted }: { name: string; wanted: string }): void {
  const actual = partsOf(image);
  if (actual === wanted || `${actual}/v8` === wanted) return;
  throw fail('IMAGE_OTHER_PLATFORM', name, wanted, actual);
}

/** Refuses an image of another platform than the requested one. */
async function inspect(call: Call): Promise<Answer> {
  const image = await call.engine.images.ask(param(call, 'name'));
  if (call.query.flag('manifests') && call.query.text('platform') !== '') {
    throw fail('BAD_REQUEST', 'conflicting options: manifests and platform options cannot both be set');
  }
  const platform = call.version >= 49 ? call.query.text('platform') : '';
  if (platform !== '') refuseOther(image, { name: param(call, 'name'), wanted: platformOf(platform) });
  return json(presentImage(image, call.version));
}

export const imageRoutes: readonly Route[] = [
  route('GET', '/images/json', listImages),
  route('GET', '/images/get', save),
  route('GET', '/images/search', () => {
    throw fail('NOT_SUPPORTED', 'searching a registry (docker search)');
  }),
  route('GET', '/images/:name/json', inspect),
  route('GET', '/images/:name/history', (call) =>
    json(presentHistory(call.engine.images.get(param(call, 'name')))),
  ),
  route('GET', '/images/:name/get', save),
  route('POST', '/images/create', createImage),
  route('POST', '/images/load', load),
  route('POST', '/images/prune', prune),
  route('POST', '/images/:name/tag', tag),
  route('DELETE', '/images/:name', remove),
];
