/** `/containers` and `/exec`. */
import { blamed, filtered, json, type Row, refused, refusedAsNewer, same, version } from './row.ts';

const containers = `${version}/containers`;
const nowhere = 'No such container: nope';

const missing: readonly Row[] = [
  ...['json', 'top', 'changes', 'export', 'logs?stdout=1', 'stats?stream=0', 'archive?path=/'].map(
    (path) => `GET ${containers}/nope/${path}`,
  ),
  ...['start', 'stop', 'restart', 'pause', 'unpause', 'wait', 'rename?name=zz'].map(
    (path) => `POST ${containers}/nope/${path}`,
  ),
  `DELETE ${containers}/nope`,
  `DELETE ${containers}/nope?force=1`,
].map((call) => refused(call, 404, nowhere));

const create = `POST ${containers}/create`;
const struct = 'Go struct field CreateRequest';
const bodies: readonly Row[] = (
  [
    [{ Image: 'busybox', Cmd: 7 }, `number into ${struct}.Cmd of type []string`],
    [{ Image: 'busybox', Env: 'x' }, `string into ${struct}.Env of type []string`],
    [
      { Image: 'busybox', HostConfig: { Memory: 'x' } },
      `string into ${struct}.HostConfig.Memory of type int64`,
    ],
    [
      { Image: 'busybox', HostConfig: { PortBindings: { '80/tcp': [{ HostPort: 80 }] } } },
      `number into ${struct}.HostConfig.PortBindings.HostPort of type string`,
    ],
    [{ Image: 'busybox', StopTimeout: 1.5 }, `number 1.5 into ${struct}.StopTimeout of type int64`],
    [
      { Image: 'busybox', HostConfig: { Memory: 1e20 } },
      `number 100000000000000000000 into ${struct}.HostConfig.Memory of type int64`,
    ],
  ] as const
).map(([body, why]) =>
  refusedAsNewer(create, 400, `invalid JSON: json: cannot unmarshal ${why}`, json(body)),
);

const lists = [
  '',
  '?all=1',
  '?all=true&all=false',
  '?limit=1',
  '?limit=-1',
  '?size=1&all=1',
  ...[
    { status: ['running'] },
    { name: ['web'] },
    { id: ['zzz'] },
    { label: ['k=v'] },
    { network: ['surf'] },
    { volume: ['data'] },
    { ancestor: ['busybox'] },
    { health: ['none'] },
    { since: ['done'] },
    { before: ['web'] },
    { exited: ['3'] },
    { publish: ['8099'] },
    { 'is-task': ['false'] },
  ].map(filtered),
].map((search) => same(`GET ${containers}/json${search}`));

const logs = [
  'stdout=1',
  'stdout=1&stderr=1&timestamps=1',
  'stdout=1&tail=0',
  'stdout=1&tail=x',
  'stdout=1&details=1',
].map((search) => same(`GET ${containers}/web/logs?${search}`));

export const containerRows: readonly Row[] = [
  ...lists,
  same(`GET ${containers}/done/json?size=1`),
  same(`GET ${containers}/fresh/json`),
  same(`GET ${containers}/web/top`),
  same(`GET ${containers}/web/top?ps_args=aux`),
  same(`GET ${containers}/fresh/changes`),
  same(`GET ${containers}/web/stats?stream=0&one-shot=1`),
  same(`GET ${containers}/done/stats?stream=0`),
  same(`HEAD ${containers}/web/archive?path=/bin`),
  same(`GET ${containers}/web/archive?path=/bin/sh`),
  ...logs,
  same(`POST ${containers}/web/start`, 304),
  same(`POST ${containers}/done/stop`, 304),
  same(`POST ${containers}/web/pause`, 204),
  same(`POST ${containers}/web/unpause`, 204),
  same(`POST ${containers}/done/wait`),
  same(`POST ${containers}/web/resize?h=24&w=80`),
  same(`POST ${containers}/web/kill?signal=WINCH`, 204),
  same(`POST ${containers}/web/update`, 200, json({})),
  same(`POST ${containers}/web/attach`),
  same(`POST ${containers}/done/attach?logs=1&stdout=1&stderr=1`),
  same(`POST ${containers}/prune${filtered({ label: ['no=such'] })}`),
  ...missing,
  ...bodies,
  refused(create, 404, 'No such image: nosuch:latest', json({ Image: 'nosuch' })),
  refused(
    `${create}?name=../x`,
    400,
    'Invalid container name (../x), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed',
    json({ Image: 'busybox' }),
  ),
  refused(
    `${create}?name=web`,
    409,
    'Conflict. The container name "/web" is already in use by container "ID". You have to remove (or rename) that container to be able to reuse that name.',
    json({ Image: 'busybox' }),
  ),
  refusedAsNewer(create, 400, 'config cannot be empty in order to create a container', json({})),
  refused(`GET ${containers}/web/logs`, 400, 'Bad parameters: you must choose at least one stream'),
  blamed(`GET ${containers}/json?limit=x`, 'strconv.Atoi: parsing "x": invalid syntax'),
  blamed(`POST ${containers}/web/stop?t=x`, 'strconv.Atoi: parsing "x": invalid syntax'),
  refusedAsNewer(`POST ${containers}/web/resize`, 400, 'invalid resize height "": invalid syntax'),
  refusedAsNewer(
    `POST ${containers}/web/kill?signal=NOPE`,
    400,
    'cannot kill container: web: invalid signal: NOPE',
  ),
  refused(
    `POST ${containers}/web/start`,
    400,
    'starting container with non-empty request body was deprecated since API v1.22 and removed in v1.24',
    json({ a: 'body' }),
  ),
  refused(`POST ${containers}/web/rename`, 400, 'Neither old nor new names may be empty'),
  refused(`POST ${containers}/web/attach?detachKeys=zz&stream=1`, 400, 'Invalid detach keys (zz) provided'),
  refused(`POST ${containers}/nope/attach?stream=1`, 404, 'No such container: nope'),
  refused(`HEAD ${containers}/web/archive?path=/nope`, 404, ''),
  refused(`GET ${containers}/web/archive?path=/nope`, 404, 'Could not find the file /nope in container web'),
  refused(`POST ${containers}/web/exec`, 400, 'No exec command specified', json({})),
  refusedAsNewer(
    `POST ${containers}/web/exec`,
    400,
    'invalid JSON: json: cannot unmarshal string into Go struct field ExecOptions.Cmd of type []string',
    json({ Cmd: 'ls' }),
  ),
  refused(`POST ${containers}/nope/exec`, 404, nowhere, json({ Cmd: ['ls'] })),
  ...['json', 'start', 'resize?h=1&w=1'].map((path) =>
    refused(
      `${path === 'json' ? 'GET' : 'POST'} ${version}/exec/nope/${path}`,
      404,
      'No such exec instance: nope',
      path === 'start' ? json({}) : {},
    ),
  ),
];
