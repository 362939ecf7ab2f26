/** Ping, version, info, events, disk usage; routes that are none; what Docker has and seaway has not. */
import { blamed, differs, filtered, json, type Row, refused, refusedAsNewer, same, version } from './row.ts';

const notFound = 'page not found';
const noManager =
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.';

const noAddress = 'invalid ListenAddr "": invalid empty address';

const unknownRoutes = [
  'GET /',
  'GET /nowhere',
  'GET /v1.41',
  'GET /v1.41/',
  'GET /vx/info',
  'GET /v1.41/containers/json/',
  'GET /v1.41/containers/create',
  'POST /v1.41/info',
  'HEAD /v1.41/containers/json',
  'PUT /v1.41/containers/json',
  'PATCH /networks',
  'GET /v1.41/session',
].map((call) => refused(call, 404, call.startsWith('HEAD') ? '' : notFound));

const swarm = [
  ...['services', 'nodes', 'tasks', 'secrets', 'configs', 'swarm', 'swarm/unlockkey'].map(
    (path) => `GET ${path}`,
  ),
  ...['services/x', 'nodes/x', 'tasks/x', 'secrets/x', 'configs/x'].map((path) => `GET ${path}`),
  'GET services/x?insertDefaults=true',
  'GET services/x/logs?stdout=1',
  ...['services/x', 'nodes/x', 'secrets/x', 'configs/x'].map((path) => `DELETE ${path}`),
].map((call) => refused(call.replace(' ', ` ${version}/`), 503, noManager));

const swarmPosts = [
  'services/create',
  'secrets/create',
  'configs/create',
  'services/x/update?version=1',
  'nodes/x/update?version=1',
  'swarm/update?version=1',
  'swarm/unlock',
].map((path) => refused(`POST ${version}/${path}`, 503, noManager, json({})));

const missing = (what: string): string => `${what} is not supported by seaway`;
const lacking = (call: string, status: number, message: string): Row => ({
  ...refused(call, status, message, call.startsWith('POST') ? json({}) : {}),
  differs: 'what seaway has not it refuses by name',
});
const build =
  'docker build is not supported by seaway: build the image elsewhere (docker, buildah, podman) and bring it here with docker load';

const absent: readonly Row[] = [
  refused(`POST ${version}/swarm/leave`, 503, 'This node is not part of a swarm', json({})),
  ...['init', 'join'].map((verb) => refused(`POST ${version}/swarm/${verb}`, 400, noAddress, json({}))),
  lacking(`POST ${version}/build`, 501, build),
  lacking(`POST ${version}/session`, 501, build),
  lacking(`POST ${version}/grpc`, 501, build),
  same(`POST ${version}/build/prune`),
  differs(`POST ${version}/build/cancel?id=x`, 200, 'Docker names a type of content where there is none'),
  refusedAsNewer(`POST ${version}/build/cancel`, 400, 'build ID not provided'),
  lacking(`GET ${version}/containers/web/checkpoints`, 501, missing('checkpoints')),
  same(`GET ${version}/plugins`),
  refused(`GET ${version}/plugins/x/json`, 404, 'plugin "x" not found'),
  refused(`DELETE ${version}/plugins/x`, 404, 'plugin "x" not found'),
  ...['enable?timeout=1', 'disable', 'push'].map((verb) =>
    refused(`POST ${version}/plugins/x/${verb}`, 404, 'plugin "x" not found', json({})),
  ),
  refused(`POST ${version}/plugins/x/set`, 404, 'plugin "x" not found', json([])),
  refused(
    `POST ${version}/plugins/pull?remote=x`,
    400,
    'invalid JSON: json: cannot unmarshal object into Go value of type types.PluginPrivileges',
    json({}),
  ),
  refused(`POST ${version}/plugins/create?name=x`, 500, 'failed to read from tar: unexpected EOF', json({})),
];

export const systemRows: readonly Row[] = [
  same('GET /_ping'),
  same('HEAD /_ping'),
  same(`GET ${version}/_ping`),
  same('OPTIONS /'),
  same('OPTIONS /containers/json'),
  refusedAsNewer(
    'GET /v1.23/info',
    400,
    'client version 1.23 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version',
  ),
  ...['1.51', '2.0'].map((each) => ({
    ...refused(
      `GET /v${each}/info`,
      400,
      `client version ${each} is too new. Maximum supported API version is 1.50`,
    ),
    differs: 'other Dockers speak other versions at the most',
  })),
  same('GET //containers/json', 301),
  same(`GET ${version}/containers/../info`, 301),
  same(`GET ${version}/events?since=1&until=2`),
  same(
    `GET ${version}/events?until=2${filtered({ type: { container: true }, event: { start: true } }).replace('?', '&')}`,
  ),
  refused(
    `GET ${version}/events?since=20&until=10`,
    400,
    '`since` time (20) cannot be after `until` time (10)',
  ),
  blamed(`GET ${version}/events?since=x`, 'strconv.ParseInt: parsing "x": invalid syntax'),
  same(`GET ${version}/system/df`),
  refusedAsNewer(`GET ${version}/system/df?type=bogus`, 400, 'unknown object type: bogus'),
  ...unknownRoutes,
  ...swarm,
  ...swarmPosts,
  ...absent,
];
