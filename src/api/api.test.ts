import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { addContainer, createMemoryEngine, type MemoryEngine } from '../../test/api/memory-engine.ts';
import { containerOf, hex, running } from '../../test/api/records.ts';
import { createLogger } from '../observe/logger.ts';
import { type Api, createApi } from './api.ts';

const quiet = createLogger('fatal', () => undefined);
let engine: MemoryEngine;
let api: Api;

beforeAll(async () => {
  engine = createMemoryEngine();
  addContainer(engine, containerOf(hex('1'), { Image: 'busybox' }, { name: 'web', state: running() }));
  addContainer(engine, containerOf(hex('2'), { Image: 'busybox', Labels: { a: 'b' } }, { name: 'old' }));
  api = createApi({ engine, logger: quiet, version: '0.1.0' });
});

beforeEach(() => void engine.calls.splice(0));
afterAll(() => api.close());

interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** The answer; JSON is parsed. */
async function ask(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD',
  url: string,
  body?: object,
): Promise<Reply> {
  const reply = await api.app.inject({ method, url, ...(body && { payload: body }) });
  const json =
    String(reply.headers['content-type'] ?? '').startsWith('application/json') && reply.payload !== '';
  return {
    status: reply.statusCode,
    body: json ? JSON.parse(reply.payload.split('\r\n')[0] ?? '') : reply.payload,
    headers: reply.headers,
  };
}

const filters = (value: object): string => `filters=${encodeURIComponent(JSON.stringify(value))}`;

test('ping tells what is spoken here', async () => {
  for (const method of ['GET', 'HEAD'] as const) {
    const { status, headers } = await ask(method, '/_ping');
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'api-version': '1.50',
      'builder-version': '1',
      'docker-experimental': 'false',
      ostype: 'linux',
      server: 'Seaway/0.1.0 (linux)',
      'cache-control': 'no-cache, no-store, must-revalidate',
    });
  }
});

test('a version is checked only where there is a route', async () => {
  expect(await ask('GET', '/v1.23/info')).toMatchObject({ status: 400 });
  expect(await ask('GET', '/v1.99/nope')).toMatchObject({ status: 404, body: { message: 'page not found' } });
  expect(await ask('GET', '/v1.24/info')).toMatchObject({ status: 200 });
});

test('errors of the table are answered with their status and message', async () => {
  expect(await ask('GET', '/containers/nope/json')).toMatchObject({
    status: 404,
    body: { message: 'No such container: nope' },
  });
  expect(await ask('DELETE', '/networks/bridge')).toMatchObject({ status: 403 });
  expect(await ask('POST', '/containers/web/start')).toMatchObject({ status: 304, body: '' });
});

test('what is no JSON, of a wrong type or a wrong kind is refused', async () => {
  const bad = await api.app.inject({
    method: 'POST',
    url: '/networks/create',
    headers: { 'content-type': 'application/json' },
    payload: '{bad',
  });
  expect([bad.statusCode, bad.json().message]).toEqual([400, expect.stringMatching(/^invalid JSON: /)]);
  expect(await ask('POST', '/networks/create', { Name: 5 })).toMatchObject({ status: 400 });
});

test('an empty content type is none', async () => {
  const { statusCode, body } = await api.app.inject({
    method: 'POST',
    url: '/networks/create',
    headers: { 'content-type': '', 'transfer-encoding': 'chunked' },
    payload: '{}',
  });
  expect([statusCode, body]).toEqual([400, expect.stringContaining('malformed Content-Type header ()')]);
});

test('a client older than any version is told so in text', async () => {
  const { statusCode, body, headers } = await api.app.inject({ method: 'GET', url: '/v1.23/info' });
  expect([statusCode, headers['content-type']]).toEqual([400, 'text/plain; charset=utf-8']);
  expect(body).toMatch(/^client version 1\.23 is too old\. .* newer version\n$/);
});

test('a network is made of what was asked', async () => {
  const asked = { Name: 'n1', Internal: true, IPAM: { Config: [{ Subnet: '10.0.0.0/24', Gateway: '' }] } };
  expect(await ask('POST', '/v1.50/networks/create', asked)).toMatchObject({
    status: 201,
    body: { Id: hex('f'), Warning: '' },
  });
  expect(JSON.parse(engine.calls[0]?.slice('network create '.length) ?? '')).toMatchObject({
    name: 'n1',
    driver: 'bridge',
    internal: true,
    ipam: { driver: 'default', pools: [{ subnet: '10.0.0.0/24', auxAddresses: {} }] },
  });
  expect(await ask('DELETE', '/networks/n1')).toMatchObject({ status: 204 });
});

test('networks are filtered', async () => {
  const names = async (value: object): Promise<unknown> => {
    const { body } = await ask('GET', `/networks?${filters(value)}`);
    return (body as { Name: string }[]).map(({ Name: name }) => name);
  };
  expect(await names({ type: ['custom'] })).toEqual(['backend']);
  expect(await names({ type: ['builtin'], driver: ['bridge'] })).toEqual(['bridge']);
  expect(await names({ label: ['tier=db'] })).toEqual(['backend']);
  expect(await names({ name: { back: true } })).toEqual(['backend']);
  expect(await names({ dangling: ['true'] })).toEqual(['backend']);
  expect(await ask('GET', `/networks?${filters({ type: ['a'] })}`)).toMatchObject({ status: 400 });
});

test.each([
  ['networks', { name: ['zzz'], dangling: ['bad'] }, /invalid value for filter 'dangling'/],
  ['networks', { name: ['zzz'], type: ['bad'] }, /invalid filter: 'type'='bad'/],
  ['images/json', { reference: ['zzz'], dangling: ['bad'] }, /invalid filter 'dangling=\[bad\]'/],
  ['volumes', { name: ['zzz'], dangling: ['bad'] }, /invalid filter 'dangling=\[bad\]'/],
])('%s refuses %j though nothing is found', async (path, asked, message) => {
  const { status, body } = await ask('GET', `/${path}?${filters(asked)}`);
  expect([status, (body as { message: string }).message]).toEqual([400, expect.stringMatching(message)]);
});

test('containers are connected with what was asked of the endpoint', async () => {
  const asked = { Container: 'web', EndpointConfig: { Aliases: ['db'], GwPriority: 3 } };
  expect(await ask('POST', '/networks/backend/connect', asked)).toMatchObject({ status: 200 });
  expect(engine.calls[0]).toContain('"aliases":["db"]');
  expect(engine.calls[0]).toContain('"gwPriority":3');
});

test('the list shows running containers, and all of them when asked', async () => {
  const names = async (query: string): Promise<unknown> => {
    const { body } = await ask('GET', `/containers/json?${query}`);
    return (body as { Names: string[] }[]).map(({ Names: [name] }) => name);
  };
  expect(await names('')).toEqual(['/web']);
  expect((await names('all=1')) as string[]).toHaveLength(2);
  expect(await names(filters({ status: ['created'] }))).toEqual(['/old']);
  expect(await names(`all=1&${filters({ label: ['a=b'] })}`)).toEqual(['/old']);
  expect(await names(filters({ name: ['^/we'] }))).toEqual(['/web']);
  expect(await names(filters({ ancestor: ['busybox'] }))).toEqual(['/web']);
  expect(await ask('GET', `/containers/json?${filters({ status: ['x'] })}`)).toMatchObject({ status: 400 });
});

test('verbs reach the engine with their parameters', async () => {
  expect(await ask('POST', '/containers/web/stop?t=3')).toMatchObject({ status: 204 });
  expect(await ask('POST', '/containers/web/kill?signal=HUP')).toMatchObject({ status: 204 });
  expect(await ask('POST', '/containers/web/update', { Memory: 1e8, NanoCpus: 0 })).toMatchObject({
    status: 200,
  });
  expect(engine.calls).toEqual([
    'stop web {"timeout":3}',
    'kill web "HUP"',
    'update web {"Memory":100000000}',
  ]);
});

test('an image name may have slashes, as they are or encoded', async () => {
  for (const name of ['team/app', 'team%2Fapp']) {
    const { body } = await ask('GET', `/v1.44/images/${name}/json`);
    expect(body).toEqual({ message: 'No such image: team/app' });
  }
});

test('an image is inspected for a platform, and tagged with no name of a digest', async () => {
  const inspect = (platform: string) =>
    ask('GET', `/v1.50/images/busybox/json?platform=${encodeURIComponent(platform)}`);
  expect(await inspect('{"os":"linux","architecture":"amd64"}')).toMatchObject({ status: 200 });
  expect(await inspect('{"os":"windows","architecture":"arm64"}')).toMatchObject({
    status: 404,
    body: {
      message:
        'image with reference busybox was found but its platform (linux/amd64) does not match the specified platform (windows/arm64)',
    },
  });
  expect(await inspect('bad')).toMatchObject({
    status: 400,
    body: { message: "failed to parse platform: invalid character 'b' looking for beginning of value" },
  });
  for (const repo of ['sha256', 'library/sha512'])
    expect(await ask('POST', `/images/busybox/tag?repo=${repo}&tag=x`)).toMatchObject({ status: 400 });
});

test('one platform of an image is not saved or loaded by itself, and several are none', async () => {
  const platform = encodeURIComponent('{"os":"linux","architecture":"amd64"}');
  const refused = { status: 400, body: { message: 'multiple platform parameters not supported' } };
  for (const call of ['GET /v1.50/images/get?names=busybox', 'POST /v1.50/images/load?quiet=1'] as const) {
    const [method, url] = call.split(' ') as ['GET' | 'POST', string];
    expect(await ask(method, `${url}&platform=${platform}`)).toMatchObject({ status: 501 });
    expect(await ask(method, `${url}&platform=${platform}&platform=${platform}`)).toMatchObject(refused);
  }
});

test('errors of a load are in its stream', async () => {
  const load = await api.app.inject({
    method: 'POST',
    url: '/images/load',
    payload: 'bad',
    headers: tarType,
  });
  expect([load.statusCode, load.json()]).toEqual([
    200,
    { errorDetail: { message: 'bad archive' }, error: 'bad archive' },
  ]);
});

test('an error before the first line of progress is a status, after it a line', async () => {
  const bad = await api.app.inject({ method: 'GET', url: '/images/get?names=nope' });
  expect([bad.statusCode, bad.json()]).toEqual([404, { message: 'No such image: nope' }]);
  const pull = await api.app.inject({ method: 'POST', url: '/images/create?fromImage=nope&tag=1' });
  expect(
    pull.payload
      .trim()
      .split('\r\n')
      .map((line) => JSON.parse(line)),
  ).toEqual([
    { status: 'Pulling nope:1' },
    { errorDetail: { message: 'No such image: nope:1' }, error: 'No such image: nope:1' },
  ]);
});

const tarType = { 'content-type': 'application/x-tar' };

test('archives are streamed, of any size', async () => {
  const payload = Buffer.alloc(5 * 1024 * 1024);
  const url = '/containers/web/archive?path=/tmp';
  const reply = await api.app.inject({ method: 'PUT', url, payload, headers: tarType });
  expect(reply.statusCode).toBe(200);
  expect(engine.calls).toEqual([`writeArchive web /tmp ${payload.length}`]);
});

test('what docker has and seaway has not is refused with the way around', async () => {
  expect(await ask('POST', '/build')).toMatchObject({
    status: 501,
    body: { message: expect.stringContaining('docker load') },
  });
  expect(await ask('GET', '/services')).toMatchObject({ status: 503 });
  expect(await ask('POST', '/swarm/leave')).toMatchObject({
    body: { message: 'This node is not part of a swarm' },
  });
  expect(await ask('GET', '/plugins')).toEqual({ status: 200, body: [], headers: expect.anything() });
  expect(await ask('GET', '/plugins/x/json')).toMatchObject({
    status: 404,
    body: { message: 'plugin "x" not found' },
  });
});

test('prunes answer with what is gone', async () => {
  expect(await ask('POST', '/containers/prune')).toMatchObject({ body: { ContainersDeleted: [hex('2')] } });
  expect(await ask('POST', `/containers/prune?${filters({ 'label!': ['a'] })}`)).toMatchObject({
    body: { ContainersDeleted: null },
  });
  expect(await ask('POST', '/networks/prune')).toMatchObject({ body: { NetworksDeleted: ['backend'] } });
});

test.each([
  ['/containers/%zz/json', "'/containers/%zz/json' is not a valid url component"],
  ['/containers/json?all=%zz', 'invalid URL escape "%zz"'],
])('%s cannot be decoded', async (url, message) => {
  const { status, body, headers } = await ask('GET', url);
  expect({ status, body }).toEqual({ status: 400, body: { message } });
  expect(headers).toMatchObject({ 'api-version': '1.50', 'content-type': 'application/json' });
});

test('a path with // in it is sent to where it leads', async () => {
  const { status, headers } = await ask('GET', '/v1.41//info?a=b');
  expect([status, headers.location]).toEqual([301, '/v1.41/info?a=b']);
});
