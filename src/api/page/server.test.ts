import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildPage } from '../../../scripts/build-page.ts';
import { addContainer, createMemoryEngine } from '../../../test/api/memory-engine.ts';
import { containerOf, hex } from '../../../test/api/records.ts';
import { createLogger } from '../../observe/logger.ts';
import { type Api, createApi } from '../api.ts';
import { Pages } from './pages.ts';

const engine = createMemoryEngine();
let api: Api;
let reading: Link;
let writing: Link;

interface Link {
  readonly port: number;
  readonly token: string;
}

const linkOf = (url: string): Link => {
  const { port, hash } = new URL(url);
  return { port: Number(port), token: hash.slice(1) };
};

beforeAll(async () => {
  if (!existsSync(new URL('../../../dist/page/index.html', import.meta.url))) await buildPage();
  addContainer(engine, containerOf(hex('1'), { Image: 'busybox' }, { name: 'web' }));
  api = createApi({ engine, logger: createLogger('fatal', () => undefined), version: '0.1.0' });
  reading = linkOf(await open({}));
  writing = linkOf(await open({ Write: true }));
});

afterAll(() => api.close());

async function open(payload: object): Promise<string> {
  const reply = await api.app.inject({ method: 'POST', url: '/seaway/page', payload });
  expect(reply.statusCode).toBe(201);
  return (reply.json() as { Url: string }).Url;
}

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly link?: Link;
}

interface Reply {
  readonly status: number | undefined;
  readonly text: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** fetch would not let us name the host. */
function ask(path: string, { method = 'GET', headers = {}, link = reading }: Asked = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: link.port, path, method, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      answer.once('end', () => resolve({ status: answer.statusCode, text, headers: answer.headers }));
    });
    sent.once('error', reject).end();
  });
}

const call = (path: string, { headers = {}, link = reading, ...rest }: Asked = {}): Promise<Reply> =>
  ask(`/api${path}`, { ...rest, link, headers: { authorization: `Bearer ${link.token}`, ...headers } });

test('links share a listener, and each has a token of its own', () => {
  expect(reading.port).toBe(writing.port);
  expect(reading.token).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(reading.token).not.toBe(writing.token);
});

test('the files need no token, and may load nothing from elsewhere', async () => {
  for (const [path, type] of [
    ['/', 'text/html'],
    ['/page.js', 'text/javascript'],
    ['/page.css', 'text/css'],
  ] as const) {
    const { status, headers, text } = await ask(path);
    expect(status).toBe(200);
    expect(headers['content-type']).toContain(type);
    expect(headers).toMatchObject({
      'content-security-policy': expect.stringContaining(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:",
      ),
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    });
    expect(text.length).toBeGreaterThan(10);
  }
  const page = (await ask('/')).text;
  expect(page).not.toMatch(/<script>|<style>|style=|https?:\/\/(?!www\.w3\.org)/);
  expect((await ask('/../page.js')).status).toBe(404);
  expect((await ask('/constructor')).status).toBe(404);
  expect((await ask('/', { method: 'POST' })).status).toBe(405);
});

test('a call needs a token that was given out', async () => {
  expect((await call('/seaway/map')).status).toBe(200);
  expect((await ask('/api/seaway/map')).status).toBe(401);
  for (const authorization of [
    'Bearer ',
    `Bearer ${'A'.repeat(43)}`,
    `Basic ${reading.token}`,
    `Bearer ${reading.token}x`,
  ])
    expect((await call('/seaway/map', { headers: { authorization } })).status).toBe(401);
  expect((await ask('/api/seaway/map', { headers: { cookie: `token=${reading.token}` } })).status).toBe(401);
});

test.each([
  ['a name that was made to resolve here', { host: 'attacker.example:80' }],
  ['an address that is not the loopback', { host: '192.0.2.1' }],
  ['a name that begins like ours', { host: 'localhost.attacker.example' }],
  ['another origin', { origin: 'http://attacker.example' }],
  ['another port of the loopback', { origin: 'http://127.0.0.1:1' }],
  ['no origin', { origin: 'null' }],
  ['another site', { 'sec-fetch-site': 'cross-site' }],
  ['another site of the same name', { 'sec-fetch-site': 'same-site' }],
])('a call from %s is refused, token or not', async (_, headers) => {
  expect((await call('/seaway/map', { headers })).status).toBe(403);
});

test('a file is refused to a name that was made to resolve here', async () => {
  expect((await ask('/', { headers: { host: 'attacker.example' } })).status).toBe(403);
});

test('the page itself is let in, also through a forwarded port', async () => {
  const host = 'localhost:9999';
  const headers = { host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' };
  expect((await call('/seaway/map?follow=0', { headers })).status).toBe(200);
});

test('only calls of the list are passed on', async () => {
  const { status, text } = await call('/seaway/map');
  expect([status, JSON.parse(text)]).toEqual([200, expect.objectContaining({ Networks: expect.any(Array) })]);
  for (const path of [
    `/containers/${hex('1')}/json`,
    '/containers/web/logs?stdout=1',
    '/containers/web/archive?path=/',
    '/v1.50/seaway/map',
    '/seaway/map/../../info',
    '/seaway/map%2f..%2finfo',
    '/info',
    '/seaway/compare',
  ])
    expect([path, (await call(path)).status]).toEqual([path, 404]);
  for (const method of ['POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS'])
    expect([method, (await call('/seaway/map', { method })).status]).toEqual([method, 404]);
});

test('what changes something needs a link that may', async () => {
  engine.calls.splice(0);
  const changes = ['/containers/web/stop', '/containers/web/start', '/seaway/doctor/fix'];
  for (const path of changes) expect((await call(path, { method: 'POST' })).status).toBe(403);
  expect(engine.calls).toEqual([]);
  const { status } = await call('/containers/web/stop', { method: 'POST', link: writing });
  expect([status, engine.calls.length]).toEqual([204, 1]);
  expect((await call('/containers/create', { method: 'POST', link: writing })).status).toBe(404);
  expect((await call('/containers/../start', { method: 'POST', link: writing })).status).toBe(404);
  const said = await Promise.all([reading, writing].map((link) => call('/session', { link })));
  expect(said.map(({ text }) => JSON.parse(text))).toEqual([{ Write: false }, { Write: true }]);
});

test('a port that is taken, or is none, is refused by name', async () => {
  const there = await open({ Port: reading.port });
  expect(linkOf(there).port).toBe(reading.port);
  const other = createApi({ engine, logger: createLogger('fatal', () => undefined), version: '0.1.0' });
  const taken = { method: 'POST', url: '/seaway/page', payload: { Port: reading.port } } as const;
  const reply = await other.app.inject(taken);
  expect([reply.statusCode, reply.payload]).toEqual([
    409,
    expect.stringContaining(`cannot be served on port ${reading.port} of 127.0.0.1: listen EADDRINUSE`),
  ]);
  await other.close();
  const none = await api.app.inject({ ...taken, payload: { Port: 70_000 } });
  expect(none.statusCode).toBe(400);
});

test('a link that nobody uses ends, and with the last one the listener', async () => {
  const pages = new Pages({
    routing: (_, response) => void setTimeout(() => response.end('late'), 300),
    logger: createLogger('fatal', () => undefined),
    patience: 100,
  });
  const { address, token } = await pages.open({ port: 0, isWriting: false });
  const link = { port: Number(address.split(':')[1]), token };
  // an answer that takes longer than that is use
  expect((await call('/seaway/map', { link })).text).toBe('late');
  await expect
    .poll(() =>
      ask('/', { link }).then(
        ({ status }) => status,
        (error: NodeJS.ErrnoException) => error.code,
      ),
    )
    .toBe('ECONNREFUSED');
  pages.close();
});
