/** `/services`. */
import { fail } from '../../errors.ts';
import type { SwarmService } from '../../swarm/records.ts';
import type { ServiceMode } from '../../swarm/spec.ts';
import { serviceSpec } from '../create/service-spec.ts';
import { type Filters, parseFilters } from '../filters.ts';
import { presentService } from '../presenters/service.ts';
import { type Answer, type Call, created, empty, json, post, type Route, route } from '../route.ts';
import { serviceSpec as serviceSpecBody } from '../schemas/services.ts';
import { swarmLogs } from './swarm-logs.ts';
import { inOrder, passesNames, ref, registryAuth, strictFlag, versionOf } from './swarm-queries.ts';

/** As the filter names it. */
function modeOf(mode: ServiceMode = {}): string {
  if (mode.Global) return 'global';
  if (mode.GlobalJob) return 'global-job';
  return mode.ReplicatedJob ? 'replicated-job' : 'replicated';
}

const serviceTest =
  (filters: Filters) =>
  ({ id, spec }: SwarmService): boolean =>
    passesNames(filters, { id, name: spec.Name }) &&
    filters.labels('label', spec.Labels) &&
    filters.exactly('mode', modeOf(spec.Mode)) &&
    filters.exactly('runtime', 'container');

/** Counts came with API 1.41. */
function list({ engine, query, version }: Call): Answer {
  const filters = parseFilters(query.text('filters'), ['name', 'id', 'label', 'mode', 'runtime']);
  const withCounts = version >= 41 && strictFlag(query, 'status');
  const { services } = engine.swarm;
  return json(
    inOrder(services.list())
      .filter(serviceTest(filters))
      .map((service) => presentService(service, withCounts ? { counts: services.counts(service.id) } : {})),
  );
}

function inspect(call: Call): Answer {
  const withDefaults = strictFlag(call.query, 'insertDefaults');
  return json(presentService(call.engine.swarm.services.get(ref(call)), { withDefaults }));
}

/** Whose credentials an update without any has. Docker answers with status 500 to what it does not know. */
function authFrom(query: Call['query']): 'spec' | 'previous-spec' {
  const text = query.text('registryAuthFrom') || 'spec';
  if (text === 'spec' || text === 'previous-spec') return text;
  throw fail('SWARM_FAILED', 'unsupported registryAuthFrom value');
}

function isRollback(query: Call['query']): boolean {
  const text = query.text('rollback');
  if (['', 'none', 'previous'].includes(text)) return text === 'previous';
  throw fail('SWARM_FAILED', `unrecognized rollback option ${text}`);
}

const warningsOf = (warnings: readonly string[]) => (warnings.length > 0 ? warnings : null);

export const serviceRoutes: readonly Route[] = [
  route('GET', '/services', list),
  post('/services/create', serviceSpecBody, async (call) => {
    call.engine.swarm.checkManager();
    const spec = serviceSpec(call.body, registryAuth(call));
    const { id, warnings } = await call.engine.swarm.services.create(spec);
    return created({ ID: id, Warnings: warningsOf(warnings) });
  }),
  route('GET', '/services/:id', inspect),
  post('/services/:id/update', serviceSpecBody, async (call) => {
    const { query, engine, body } = call;
    const version = versionOf(query, 'service');
    engine.swarm.checkManager();
    const { warnings } = await engine.swarm.services.update(ref(call), {
      version,
      spec: serviceSpec(body, registryAuth(call)),
      authFrom: authFrom(query),
      rollback: isRollback(query),
    });
    return json({ Warnings: warningsOf(warnings) });
  }),
  route('DELETE', '/services/:id', async (call) => {
    await call.engine.swarm.services.remove(ref(call));
    return empty(200);
  }),
  route('GET', '/services/:id/logs', (call) => {
    const { services } = call.engine.swarm;
    const { id, spec } = services.get(ref(call));
    const tty = spec.TaskTemplate.ContainerSpec?.TTY ?? false;
    return swarmLogs(call, { tty, read: (options) => services.logs(id, options) });
  }),
];
