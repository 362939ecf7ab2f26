/** `/volumes`. */
import { fail, messageOf } from '../../errors.ts';
import { parseBool } from '../../go/strconv.ts';
import { isEmpty } from '../create/refusals.ts';
import { type Filters, parseFilters, parsePruneFilters, passesLabels, refuseUnknown } from '../filters.ts';
import { presentVolume } from '../presenters/volume.ts';
import { type Answer, type Call, created, empty, json, param, post, type Route, route } from '../route.ts';
import { volumeCreate } from '../schemas/volumes.ts';
import type { Minor } from '../version.ts';

async function list({ engine, query }: Call): Promise<Answer> {
  const filters = listFilters(query.text('filters'));
  refuseUnknown(filters, ['dangling', 'driver', 'label', 'name']);
  const wanted = filters.has('dangling') ? filters.flag('dangling', false) : undefined;
  const { volumes, warnings } = await engine.volumes.list();
  const found = volumes.filter(({ volume, usedBy }) => {
    const dangling = usedBy.length === 0;
    return (
      (wanted ?? dangling) === dangling &&
      filters.exactly('driver', volume.driver) &&
      filters.labels('label', volume.labels) &&
      filters.matches('name', volume.name)
    );
  });
  return json({
    Volumes: found.map(({ volume }) => presentVolume(volume)),
    Warnings: warnings.length > 0 ? warnings : null,
  });
}

/** Before 1.42 all were meant, as if the filter `all` were there; it may have one value. */
function prunesAll(filters: Filters, version: Minor): boolean {
  const values = [...new Set([...filters.values('all'), ...(version < 42 ? ['true'] : [])])];
  const [value] = values;
  if (value === undefined) return false;
  if (values.length > 1)
    throw fail('BAD_REQUEST', `invalid filter 'all=[${values.join(' ')}]': only one value is expected`);
  try {
    return parseBool(value);
  } catch (error) {
    throw fail('BAD_REQUEST', `invalid filter 'all': ${messageOf(error)}`);
  }
}

/** Errors of the list have a prefix. */
function listFilters(text: string): Filters {
  try {
    return parseFilters(text);
  } catch (error) {
    throw fail('BAD_REQUEST', `error reading volume filters: ${messageOf(error)}`);
  }
}

/** Anonymous ones only, since 1.42, unless the filter `all` is set. */
async function prune({ engine, query, version }: Call): Promise<Answer> {
  const filters = parsePruneFilters(query.text('filters'), ['all']);
  const { removed, bytes } = await engine.volumes.prune((volume) => passesLabels(filters, volume.labels), {
    all: prunesAll(filters, version),
  });
  return json({ VolumesDeleted: removed, SpaceReclaimed: bytes });
}

export const volumeRoutes: readonly Route[] = [
  route('GET', '/volumes', list),
  route('GET', '/volumes/:name', async (call) => {
    const { volume, status } = await call.engine.volumes.get(param(call, 'name'));
    return json(presentVolume(volume, { ...(status && { status }) }));
  }),
  post('/volumes/create', volumeCreate, async ({ engine, body }) => {
    if (!isEmpty(body.ClusterVolumeSpec)) throw fail('NOT_SUPPORTED', 'a cluster volume (ClusterVolumeSpec)');
    const volume = await engine.volumes.create({
      name: body.Name ?? '',
      driver: body.Driver ?? '',
      labels: body.Labels ?? {},
      options: body.DriverOpts ?? {},
    });
    return created(presentVolume(volume));
  }),
  route('POST', '/volumes/prune', prune),
  route('DELETE', '/volumes/:name', async (call) => {
    await call.engine.volumes.remove(param(call, 'name'), { force: call.query.flag('force') });
    return empty(204);
  }),
];
