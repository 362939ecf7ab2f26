/** `/networks`, `/volumes`, and the ways in which bodies and filters can be wrong. */
import { differs, filtered, json, type Row, raw, refused, refusedAsNewer, same, version } from './row.ts';

const create = `POST ${version}/networks/create`;
const struct = 'Go struct field NetworkCreateRequest';

const bodies: readonly Row[] = [
  refusedAsNewer(create, 400, 'invalid JSON: unexpected EOF', raw('{"Name":"q"')),
  refusedAsNewer(create, 400, 'unexpected content after JSON', raw('{"Name":"q"} more')),
  refusedAsNewer(create, 400, 'malformed Content-Type header (): mime: no media type', { body: '{}' }),
  refusedAsNewer(create, 400, "unsupported Content-Type header (text/plain): must be 'application/json'", {
    body: '{}',
    headers: { 'content-type': 'text/plain' },
  }),
  refusedAsNewer(
    create,
    400,
    'invalid JSON: json: cannot unmarshal array into Go value of type NetworkCreateRequest',
    raw('[]'),
  ),
  ...(
    [
      [{ Name: 7 }, `number into ${struct}.Name of type string`],
      [{ Name: 'q', Labels: { a: 1 } }, `number into ${struct}.Labels of type string`],
      [{ Name: 'q', Labels: ['a'] }, `array into ${struct}.Labels of type map[string]string`],
      [{ Name: 'q', Internal: 'yes' }, `string into ${struct}.Internal of type bool`],
    ] as const
  ).map(([body, why]) =>
    refusedAsNewer(create, 400, `invalid JSON: json: cannot unmarshal ${why}`, json(body)),
  ),
];

const filters: readonly Row[] = ['networks', 'containers/json', 'images/json'].flatMap((path) => [
  refusedAsNewer(`GET ${version}/${path}${filtered('{"bad')}`, 400, 'invalid filter'),
  refusedAsNewer(`GET ${version}/${path}${filtered('[]')}`, 400, 'invalid filter'),
  refusedAsNewer(`GET ${version}/${path}${filtered({ name: [1] })}`, 400, 'invalid filter'),
  refusedAsNewer(`GET ${version}/${path}${filtered({ bogus: ['x'] })}`, 400, "invalid filter 'bogus'"),
]);

export const networkRows: readonly Row[] = [
  same(`GET ${version}/networks`),
  same(`GET ${version}/networks/`),
  same(`GET ${version}/networks/surf`),
  same(`GET ${version}/networks/surf?scope=local`),
  same(`GET ${version}/networks/bridge`),
  ...[
    { name: ['surf'] },
    { name: { surf: true } },
    { name: { surf: false } },
    { name: null },
    { driver: ['bridge'] },
    { type: ['custom'] },
    { scope: ['local'] },
    { label: ['a=b'] },
    { id: ['zzz'] },
    'null',
  ].map((filter) => same(`GET ${version}/networks${filtered(filter)}`)),
  differs(
    `GET ${version}/networks${filtered({ dangling: ['true'] })}`,
    200,
    'Docker 20.10 takes networks with containers for unused ones here',
  ),
  refused(`GET ${version}/networks/surf?scope=swarm`, 404, 'network surf not found'),
  refused(
    `GET ${version}/networks/surf?verbose=bad`,
    400,
    'invalid value for verbose: bad: strconv.ParseBool: parsing "bad": invalid syntax',
  ),
  refused(`GET ${version}/networks/nope`, 404, 'network nope not found'),
  refused(`DELETE ${version}/networks/bridge`, 403, 'bridge is a pre-defined network and cannot be removed'),
  refused(`DELETE ${version}/networks/nope`, 404, 'network nope not found'),
  refused(create, 409, 'network with name surf already exists', json({ Name: 'surf', CheckDuplicate: true })),
  refusedAsNewer(create, 400, 'invalid name: name is empty', json({})),
  refused(
    create,
    403,
    'cannot create a swarm scoped network when swarm is not active',
    json({ Name: 'q', Scope: 'swarm' }),
  ),
  refused(
    create,
    403,
    'Ingress network can only be global scope network',
    json({ Name: 'q', Ingress: true }),
  ),
  refused(`POST ${version}/networks/nope/connect`, 404, 'network nope not found', json({ Container: 'web' })),
  refused(
    `POST ${version}/networks/surf/connect`,
    404,
    'No such container: nope',
    json({ Container: 'nope' }),
  ),
  refused(
    `POST ${version}/networks/surf/disconnect`,
    404,
    'No such container: nope',
    json({ Container: 'nope' }),
  ),
  same(`POST ${version}/networks/prune${filtered({ label: ['no=such'] })}`),
  refusedAsNewer(
    `POST ${version}/networks/prune${filtered({ until: ['x'] })}`,
    400,
    'failed to parse value as time or duration: "x"',
  ),
  ...bodies,
  ...filters,
];

const volume = `POST ${version}/volumes/create`;

export const volumeRows: readonly Row[] = [
  same(`GET ${version}/volumes`),
  same(`GET ${version}/volumes/data`),
  ...[
    { name: ['dat'] },
    { label: ['a'] },
    { driver: ['local'] },
    { driver: ['nope'] },
    { dangling: ['true'] },
  ].map((filter) => same(`GET ${version}/volumes${filtered(filter)}`)),
  same(volume, 201, json({ Name: 'data' })),
  refusedAsNewer(`GET ${version}/volumes${filtered({ bogus: ['x'] })}`, 400, "invalid filter 'bogus'"),
  refused(`GET ${version}/volumes/nope`, 404, 'get nope: no such volume'),
  refused(`DELETE ${version}/volumes/nope`, 404, 'get nope: no such volume'),
  same(`DELETE ${version}/volumes/nope?force=1`, 204),
  refused(
    volume,
    404,
    'create vv: error looking up volume plugin nope: plugin "nope" not found',
    json({ Name: 'vv', Driver: 'nope' }),
  ),
  ...['a/b', '../x'].map((name) =>
    refused(
      volume,
      400,
      `create ${name}: "${name}" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`,
      json({ Name: name }),
    ),
  ),
  same(`POST ${version}/volumes/prune${filtered({ label: ['no=such'] })}`),
];
