/** `/containers`: making, looking at, changing and removing them. */

import type { ContainerUpdate } from '../../engine/container-verbs.ts';
import { fail } from '../../errors.ts';
import { requestOf } from '../create/container-request.ts';
import { refuseUnhandledUpdate } from '../create/refusals.ts';
import { parsePruneFilters, passesLabels } from '../filters.ts';
import { presentContainer } from '../presenters/container-inspect.ts';
import { isRunning } from '../presenters/container-state.ts';
import { type Answer, type Call, created, empty, json, param, post, type Route, route } from '../route.ts';
import { type ContainerUpdateBody, containerCreate, containerUpdate } from '../schemas/containers.ts';
import { listContainers } from './containers-list.ts';
import { prunesBefore } from './prune-until.ts';

async function inspect(call: Call): Promise<Answer> {
  const { engine, version, query } = call;
  const detail = engine.containers.get(param(call, 'id'));
  const size = query.flag('size') ? await engine.containers.size(detail.container.id) : undefined;
  const obeys = detail.sandbox?.ports.some(({ policy }) => policy === 'host') === true;
  const refused = obeys ? await engine.ports.refused(detail.container.id) : new Set<string>();
  return json(presentContainer(detail, { version, size, refused }));
}

async function remove(call: Call): Promise<Answer> {
  const { query } = call;
  const alias = call.params.alias === undefined ? '' : `/${call.params.alias}`;
  await call.engine.containers.remove(`${param(call, 'id')}${alias}`, {
    force: query.flag('force'),
    volumes: query.flag('v'),
    link: query.flag('link'),
  });
  return empty(204);
}

async function rename(call: Call): Promise<Answer> {
  const name = call.query.text('name').replace(/^\//, '');
  if (name === '') throw fail('BAD_REQUEST', 'Neither old nor new names may be empty');
  await call.engine.containers.rename(param(call, 'id'), name);
  return empty(204);
}

/**
 * Fields of the request that change something; Go's clients send zeros for others. A limit of processes is known
 * since API 1.40, and anything below 1 lifts it.
 */
function updateOf(body: ContainerUpdateBody, isOld: boolean): ContainerUpdate {
  const { RestartPolicy: policy } = body;
  const pids = isOld ? undefined : body.PidsLimit;
  const limits = [
    'CpuShares',
    'Memory',
    'NanoCpus',
    'BlkioWeight',
    'CpuPeriod',
    'CpuQuota',
    'CpuRealtimePeriod',
    'CpuRealtimeRuntime',
    'CpusetCpus',
    'CpusetMems',
    'MemoryReservation',
    'MemorySwap',
  ] as const;
  const given = limits.filter((name) => body[name] !== undefined && body[name] !== 0 && body[name] !== '');
  return {
    ...Object.fromEntries(given.map((name) => [name, body[name]])),
    ...(pids !== undefined && { PidsLimit: Math.max(pids, 0) }),
    ...(policy?.Name && {
      RestartPolicy: { Name: policy.Name, MaximumRetryCount: policy.MaximumRetryCount ?? 0 },
    }),
  };
}

async function top(call: Call): Promise<Answer> {
  const table = await call.engine.containers.top(
    param(call, 'id'),
    call.query.text('ps_args').replaceAll('+', ' ') || '-ef',
  );
  return json({ Titles: table.titles, Processes: table.processes });
}

async function changes(call: Call): Promise<Answer> {
  const found = await call.engine.containers.changes(param(call, 'id'));
  return json(found.length > 0 ? found.map(({ path, kind }) => ({ Path: path, Kind: kind })) : null);
}

async function prune({ engine, query }: Call): Promise<Answer> {
  const filters = parsePruneFilters(query.text('filters'), ['until']);
  const old = prunesBefore(filters);
  const { removed, bytes } = await engine.containers.prune(
    (container) =>
      !isRunning(container.state) &&
      passesLabels(filters, container.config.Labels) &&
      old(Date.parse(container.created)),
  );
  return json({ ContainersDeleted: removed.length > 0 ? removed : null, SpaceReclaimed: bytes });
}

/** Docker's words. */
const macDeprecated =
  'The container-wide MacAddress field is now deprecated. It should be specified in EndpointsConfig instead.';

export const containerRoutes: readonly Route[] = [
  route('GET', '/containers/json', listContainers),
  route('GET', '/containers/:id/json', inspect),
  post('/containers/create', containerCreate, async ({ engine, query, body, server, version }) => {
    const request = requestOf(body, {
      version,
      name: query.text('name'),
      platform: query.text('platform'),
      defaults: server.defaults,
    });
    const { id, warnings } = await engine.containers.create(request);
    const deprecated = version >= 44 && body.MacAddress ? [macDeprecated] : [];
    return created({ Id: id, Warnings: [...deprecated, ...warnings] });
  }),
  post('/containers/:id/update', containerUpdate, async (call) => {
    refuseUnhandledUpdate(call.body);
    const warnings = await call.engine.containers.update(
      param(call, 'id'),
      updateOf(call.body, call.version < 40),
    );
    return json({ Warnings: warnings.length > 0 ? warnings : null });
  }),
  route('POST', '/containers/:id/rename', rename),
  route('GET', '/containers/:id/top', top),
  route('GET', '/containers/:id/changes', changes),
  route('POST', '/containers/prune', prune),
  route('DELETE', '/containers/:id', remove),
  // of a link: recipient and alias
  route('DELETE', '/containers/:id/:alias', remove),
];
