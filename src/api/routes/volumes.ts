/** `/volumes`. */
import { fail } from '../../errors.ts';
import { isEmpty } from '../create/refusals.ts';
import { parseFilters, parsePruneFilters, passesLabels } from '../filters.ts';
import { presentVolume } from '../presenters/volume.ts';
import { type Answer, type Call, created, empty, json, param, post, type Route, route } from '../route.ts';
import { volumeCreate } from '../schemas/volumes.ts';

function list({ engine, query }: Call): Answer {
  const filters = parseFilters(query.text('filters'), ['dangling', 'driver', 'label', 'name']);
  const found = engine.volumes.list().filter(({ volume, usedBy }) => {
    const dangling = usedBy.length === 0;
    return (
      filters.flag('dangling', dangling) === dangling &&
      filters.exactly('driver', volume.driver) &&
      filters.labels('label', volume.labels) &&
      filters.matches('name', volume.name)
    );
  });
  return json({ Volumes: found.map(({ volume }) => presentVolume(volume)), Warnings: null });
}

/** Anonymous ones only, since 1.42, unless the filter `all` is set. */
async function prune({ engine, query, version }: Call): Promise<Answer> {
  const filters = parsePruneFilters(query.text('filters'), ['all']);
  const { removed, bytes } = await engine.volumes.prune((volume) => passesLabels(filters, volume.labels), {
    all: filters.flag('all', version < 42),
  });
  return json({ VolumesDeleted: removed, SpaceReclaimed: bytes });
}

export const volumeRoutes: readonly Route[] = [
  route('GET', '/volumes', list),
  route('GET', '/volumes/:name', (call) =>
    json(presentVolume(call.engine.volumes.get(param(call, 'name')).volume)),
  ),
  post('/volumes/create', volumeCreate, async ({ engine, body }) => {
    if (!isEmpty(body.ClusterVolumeSpec)) throw fail('NOT_SUPPORTED', 'a cluster volume (ClusterVolumeSpec)');
    const volume = await engine.volumes.create({
      name: body.Name ?? '',
      driver: body.Driver || 'local',
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
