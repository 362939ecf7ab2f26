/** `/networks`. */

import type { NetworkDetail } from '../../engine/network-verbs.ts';
import { fail, messageOf } from '../../errors.ts';
import { parseBool } from '../../go/strconv.ts';
import type { Network, NetworkRequest } from '../../model/network.ts';
import { endpointSpec } from '../create/endpoints.ts';
import { type Filters, parseFilters, parsePruneFilters, passesLabels } from '../filters.ts';
import { presentNetwork } from '../presenters/network.ts';
import { type Answer, type Call, created, empty, json, param, post, type Route, route } from '../route.ts';
import { type NetworkCreate, networkConnect, networkCreate, networkDisconnect } from '../schemas/networks.ts';
import type { Minor } from '../version.ts';
import { prunesBefore } from './prune-until.ts';

const listFilters = ['driver', 'id', 'name', 'label', 'scope', 'type', 'dangling'];

/** `type` is `builtin` for predefined networks and `custom` for others. */
function passesType(filters: Filters, network: Network): boolean {
  if (filters.names('type') && !filters.has('type')) return false;
  return filters.exactly('type', network.predefined ? 'builtin' : 'custom');
}

function refuseUnknownTypes(filters: Filters): void {
  const wrong = filters.values('type').find((value) => value !== 'custom' && value !== 'builtin');
  if (wrong !== undefined) throw fail('BAD_REQUEST', `invalid filter: 'type'='${wrong}'`);
}

/** The `dangling` filter, whose errors have their own words for networks. */
function danglingOf(filters: Filters): boolean | undefined {
  const [value, ...more] = filters.values('dangling');
  if (value === undefined) return undefined;
  if (more.length > 0) throw fail('BAD_REQUEST', 'got more than one value for filter key "dangling"');
  if (['true', '1'].includes(value)) return true;
  if (['false', '0'].includes(value)) return false;
  throw fail(
    'BAD_REQUEST',
    `invalid value for filter 'dangling', must be "true" (or "1"), or "false" (or "0")`,
  );
}

/** Values that cannot be are refused, also where no network gets as far as their filter. */
function networkTest(filters: Filters): (detail: NetworkDetail) => boolean {
  const wanted = danglingOf(filters);
  refuseUnknownTypes(filters);
  return ({ network, endpoints, peers = [] }) => {
    const dangling = endpoints.length + peers.length === 0 && !network.predefined;
    return (
      filters.exactly('driver', network.driver) &&
      filters.exactly('scope', network.scope) &&
      filters.matches('id', network.id) &&
      filters.matches('name', network.name) &&
      filters.labels('label', network.labels) &&
      passesType(filters, network) &&
      (wanted ?? dangling) === dangling
    );
  };
}

function list({ engine, query, version }: Call): Answer {
  const filters = parseFilters(query.text('filters'), listFilters);
  const found = engine.networks.list().filter(networkTest(filters));
  return json(
    found.map(({ network, endpoints, peers = [] }) =>
      presentNetwork(network, {
        version,
        ...(version < 28 ? { members: endpoints, peers } : { members: [] }),
      }),
    ),
  );
}

/** Unlike other switches this one is read strictly. */
function verbose({ query }: Call): boolean {
  const text = query.text('verbose');
  try {
    return text !== '' && parseBool(text);
  } catch (error) {
    throw fail('BAD_REQUEST', `invalid value for verbose: ${text}: ${messageOf(error)}`);
  }
}

async function inspect(call: Call): Promise<Answer> {
  const ref = param(call, 'id');
  const scope = call.query.text('scope');
  const { network, endpoints, ...others } = call.engine.networks.get(ref, scope);
  if (scope !== '' && scope !== network.scope) throw fail('NETWORK_NOT_FOUND', ref);
  const { networks } = call.engine;
  const { id } = network;
  // bridge and host of each node are on no record as a swarm's
  const isKnown = network.scope !== 'swarm' || network.overlay !== undefined;
  const more = verbose(call) &&
    isKnown && { usage: await networks.usage(id), services: networks.services(id) };
  return json(presentNetwork(network, { version: call.version, members: endpoints, ...others, ...more }));
}

/** The request with Docker's defaults; '' as an address of a pool leaves the choice to the engine. */
function requestOf(body: NetworkCreate, version: Minor): NetworkRequest {
  const configOnly = body.ConfigOnly ?? false;
  return {
    name: body.Name ?? '',
    driver: body.Driver || (configOnly ? 'null' : 'bridge'),
    scope: body.Scope ?? '',
    internal: body.Internal ?? false,
    attachable: body.Attachable ?? false,
    ingress: body.Ingress ?? false,
    // the field came with API 1.48; before, it is unknown
    enableIPv4: version < 48 ? undefined : body.EnableIPv4,
    enableIPv6: body.EnableIPv6,
    configOnly,
    configFrom: body.ConfigFrom?.Network ?? '',
    options: body.Options ?? {},
    labels: body.Labels ?? {},
    ipam: {
      driver: body.IPAM?.Driver || 'default',
      options: body.IPAM?.Options ?? null,
      pools: (body.IPAM?.Config ?? []).map((pool) => ({
        ...(pool.Subnet && { subnet: pool.Subnet }),
        ...(pool.IPRange && { ipRange: pool.IPRange }),
        ...(pool.Gateway && { gateway: pool.Gateway }),
        auxAddresses: pool.AuxiliaryAddresses ?? {},
      })),
    },
  };
}

function refuseScope({ Scope: scope = '' }: NetworkCreate): void {
  if (!['', 'local', 'swarm'].includes(scope))
    throw fail('BAD_REQUEST', `invalid scope ${JSON.stringify(scope)}: a network here is "local" or "swarm"`);
}

function prunable(filters: Filters): (network: Network) => boolean {
  const old = prunesBefore(filters);
  return (network) =>
    !network.predefined && passesLabels(filters, network.labels) && old(Date.parse(network.created));
}

async function prune({ engine, query }: Call): Promise<Answer> {
  const filters = parsePruneFilters(query.text('filters'), ['until']);
  const removed = await engine.networks.prune(prunable(filters));
  return json({ NetworksDeleted: removed.length > 0 ? removed : null });
}

export const networkRoutes: readonly Route[] = [
  route('GET', '/networks', list),
  route('GET', '/networks/', list),
  route('GET', '/networks/:id', inspect),
  post('/networks/create', networkCreate, async ({ engine, body, version }) => {
    if (!body.Name?.trim()) throw fail('NETWORK_NAME_INVALID', 'invalid name: name is empty');
    refuseScope(body);
    const { id, warning } = await engine.networks.create(requestOf(body, version));
    return created({ Id: id, Warning: warning });
  }),
  post('/networks/:id/connect', networkConnect, async (call) => {
    const { Container: container = '', EndpointConfig: settings = {} } = call.body;
    await call.engine.networks.connect(param(call, 'id'), container, endpointSpec(settings, call.version));
    return empty(200);
  }),
  post('/networks/:id/disconnect', networkDisconnect, async (call) => {
    const { Container: container = '', Force: force = false } = call.body;
    await call.engine.networks.disconnect(param(call, 'id'), container, { force });
    return empty(200);
  }),
  route('POST', '/networks/prune', prune),
  route('DELETE', '/networks/:id', async (call) => {
    await call.engine.networks.remove(param(call, 'id'));
    return empty(204);
  }),
];
