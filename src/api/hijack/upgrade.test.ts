import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex, PassThrough } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { addContainer, createMemoryEngine } from '../../../test/api/memory-engine.ts';
import { containerOf, hex, running } from '../../../test/api/records.ts';
import { createLogger } from '../../observe/logger.ts';
import { type Api, createApi } from '../api.ts';

const folder = mkdtempSync(join(tmpdir(), 'seaway-api-'));
const path = join(folder, 'engine.sock');
const engine = createMemoryEngine();
let api: Api;

beforeAll(async () => {
  addContainer(engine, containerOf(hex('1'), { Image: 'busybox' }, { name: 'web', state: running() }));
  const tty = containerOf(hex('2'), { Image: 'busybox', Tty: true }, { name: 'tty', state: running() });
  addContainer(engine, tty);
  api = createApi({ engine, logger: createLogger('fatal', () => undefined), version: '0.1.0' });
  await api.listen(`unix://${path}`, { group: '' });
});

afterAll(async () => {
  await api.close();
  rmSync(folder, { recursive: true });
});

const upgrade = 'Connection: Upgrade\r\nUpgrade: tcp\r\n';

function post(target: string, headers = upgrade, body = ''): string {
  const json = body && `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`;
  return `POST ${target} HTTP/1.1\r\nHost: d\r\n${headers}${json}\r\n${body}`;
}

const open = (): Socket => connect({ path, allowHalfOpen: true });

/** One part after the other, however late each is; nothing after the socket's own end. */
async function sendSlowly(socket: Socket, parts: readonly (string | Buffer)[]): Promise<void> {
  for (const part of parts) {
    socket.write(part);
    await delay(30);
  }
  socket.end();
}

/** All that comes back; the sending side is closed after the parts were sent. */
function talk(...parts: readonly (string | Buffer)[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = open();
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('end', () => resolve(text)).on('error', reject);
    void sendSlowly(socket, parts);
  });
}

/** A stream that gives back what it is sent. */
function echo(): void {
  engine.attached = new PassThrough();
}

async function createExec(): Promise<string> {
  const payload = { Cmd: ['cat'], AttachStdin: true, AttachStdout: true };
  const reply = await api.app.inject({ method: 'POST', url: '/containers/web/exec', payload });
  return reply.json().Id;
}

test('an attached client gets the bare stream, and its end closes standard input only', async () => {
  echo();
  const text = await talk(post('/v1.42/containers/web/attach?stream=1&stdin=1&stdout=1'), 'one\n', 'two\n');
  expect(text).toBe(
    'HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.multiplexed-stream\r\n' +
      'Connection: Upgrade\r\nUpgrade: tcp\r\n\r\none\ntwo\n',
  );
});

test('with a terminal, and before 1.42, the stream is called raw', async () => {
  for (const target of ['/v1.50/containers/tty/attach?stdin=1', '/v1.41/containers/web/attach?stdin=1']) {
    echo();
    expect(await talk(post(target))).toContain('application/vnd.docker.raw-stream');
  }
});

test('an exec is started with its body, and what follows the body is standard input', async () => {
  const target = `/exec/${await createExec()}/start`;
  const whole = post(target, upgrade, '{"Detach":false}');
  for (const parts of [[`${whole}in\n`], [whole.slice(0, -6), `${whole.slice(-6)}in\n`]]) {
    echo();
    expect(await talk(...parts)).toMatch(/^HTTP\/1\.1 101 UPGRADED\r\n[\s\S]*\r\n\r\nin\n$/);
  }
});

test('an exec that is not started says why in its stream, as the system has it', async () => {
  const target = `/exec/${await createExec()}/start`;
  const failed = Object.assign(new Error('x'), { errno: -24, code: 'EMFILE', syscall: 'open', path: '/f' });
  vi.spyOn(engine.execs, 'start').mockRejectedValueOnce(failed);
  expect(await talk(post(target, upgrade, '{}'))).toContain('open /f: too many open files');
});

test('a detached exec answers and ends', async () => {
  const reply = await talk(post(`/exec/${await createExec()}/start`, upgrade, '{"Detach":true}'));
  expect(reply).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*Server: Seaway[\s\S]*\r\nContent-Length: 0/);
});

test('refusals of attach are a line, as of dockerd, which has the connection by then', async () => {
  const reply = await talk(post('/containers/nope/attach'));
  expect(reply).toMatch(
    /^HTTP\/1\.1 404 Not Found\r\nContent-Type: application\/vnd.docker.raw-stream\r\n\r\n/,
  );
  expect(reply).toMatch(/\r\n\r\nNo such container: nope\r\n$/);
});

test('refusals are those of any route', async () => {
  expect(await talk(post('/exec/nope/start', upgrade, '{}'))).toMatch(
    /^HTTP\/1\.1 404 Not Found[\s\S]*Server: Seaway[\s\S]*{"message":"No such exec instance/,
  );
  expect(await talk(post('/containers/web/attach?detachKeys=foo'))).toMatch(
    /^HTTP\/1\.1 400 .*[\s\S]*Invalid detach keys/,
  );
  expect(await talk(post('/v1.10/containers/web/attach'))).toMatch(/^HTTP\/1\.1 400 .*[\s\S]*too old/);
  expect(await talk(post(`/exec/${await createExec()}/start`, upgrade, '{"Detach":1}'))).toContain(
    'ExecStartOptions.Detach of type bool',
  );
});

test.each([
  ['', ''],
  ['Connection: keep-alive\r\n', ''],
  ['', 'along\n'],
])(
  'a client that does not upgrade (%j) has the bare stream, both ways, behind a 200',
  async (headers, along) => {
    echo();
    const target = post('/v1.44/containers/web/attach?stdin=1&stdout=1&stream=1', headers);
    const text = await talk(`${target}${along}`, 'one\n', 'two\n');
    expect(text).toBe(
      `HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n${along}one\ntwo\n`,
    );
  },
);

test('a chunked body without an upgrade is the input', async () => {
  echo();
  const target = post('/containers/web/attach?stdin=1&stdout=1', 'Transfer-Encoding: chunked\r\n');
  const text = await talk(`${target}4\r\none`, '\n\r\n4\r\ntwo\n\r\n0\r\n\r\n');
  expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\none\ntwo\n$/);
});

test('an Upgrade without a Connection is one', async () => {
  echo();
  const text = await talk(post('/v1.44/containers/web/attach?stdin=1', 'Upgrade: tcp\r\n'), 'one\n');
  expect(text).toMatch(/^HTTP\/1\.1 101 UPGRADED\r\n[\s\S]*multiplexed-stream[\s\S]*\r\n\r\none\n$/);
});

test('an exec is started without an upgrade, its body in one piece, in several, or in chunks', async () => {
  const target = `/exec/${await createExec()}/start`;
  const whole = post(target, '', '{"Detach":false}');
  const chunked = `POST ${target} HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
  for (const parts of [
    [`${whole}in\n`],
    [whole.slice(0, -6), `${whole.slice(-6)}in\n`],
    [whole, 'in\n'],
    [chunked, '2\r\n{', '}\r\n0\r\n\r\nin\n'],
  ]) {
    echo();
    expect(await talk(...parts)).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*raw-stream\r\n\r\nin\n$/);
  }
});

test('a second request of a connection can take it over, too', async () => {
  echo();
  const ping = 'GET /_ping HTTP/1.1\r\nHost: d\r\n\r\n';
  const text = await talk(ping, post('/containers/web/attach?stdin=1', ''), 'one\n');
  expect(text).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*OKHTTP\/1\.1 200 OK\r\n[\s\S]*one\n$/);
});

test.each([
  [42, true, 'raw'],
  [42, false, 'multiplexed'],
  [41, false, 'raw'],
])('in version 1.%i an exec with Tty %s at its start has a %s stream', async (minor, tty, type) => {
  echo();
  const target = `/v1.${minor}/exec/${await createExec()}/start`;
  expect(await talk(post(target, upgrade, JSON.stringify({ Tty: tty })))).toContain(`docker.${type}-stream`);
});

test.each([
  ['/containers/nope/attach', ''],
  ['/containers/nope/attach', upgrade],
  ['/containers/web/exec', ''],
  ['/containers/web/exec', 'Connection: close\r\n'],
  ['/exec/nope/start', ''],
])('a client that is still sending to %s hears why it was refused', async (target, headers) => {
  const length = 3 << 20;
  const head = `POST ${target} HTTP/1.1\r\nHost: d\r\n${headers}Content-Type: text/plain\r\nContent-Length: ${length}\r\n\r\n`;
  expect(await talk(head, Buffer.alloc(length, 'x'))).toMatch(
    /^HTTP\/1\.1 40[04] [\s\S]*(?:{"message":|No such container)/,
  );
});

test('a client that is still sending a bad archive hears what is wrong with it', async () => {
  const length = 3 << 20;
  const head = `POST /images/load HTTP/1.1\r\nHost: d\r\nConnection: close\r\nContent-Length: ${length}\r\n\r\n`;
  expect(await talk(head, Buffer.alloc(length, 'bad'))).toMatch(
    /^HTTP\/1\.1 200 OK[\s\S]*{"errorDetail":{"message":"bad archive"},"error":"bad archive"}/,
  );
});

test('the head of the answer to a load comes when something was loaded', async () => {
  const socket = open();
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  const ended = new Promise((resolve) => socket.on('end', resolve));
  socket.write('POST /images/load HTTP/1.1\r\nHost: d\r\nConnection: close\r\nContent-Length: 4\r\n\r\nta');
  await delay(100);
  expect(text).toBe('');
  socket.end('r!');
  await ended;
  expect(text).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*"Loaded image: busybox:latest/);
});

test('an upgrade to HTTP/2 is not taken; the request is answered as it is', async () => {
  const h2c = 'Connection: Upgrade, close\r\nUpgrade: h2c\r\n';
  expect(await talk(`GET /_ping HTTP/1.1\r\nHost: d\r\n${h2c}\r\n`)).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*OK$/);
  expect(await talk(post('/session', h2c))).toMatch(/^HTTP\/1\.1 501 [\s\S]*docker load/);
});

test('a client that does not read holds the container back, and its end is noticed', async () => {
  let sent = 0;
  const flood = new Duplex({
    read() {
      sent += 65536;
      this.push(Buffer.alloc(65536));
    },
    write: (_chunk, _encoding, done) => done(),
  });
  engine.attached = flood;
  const socket = open();
  socket.pause().write(post('/containers/web/attach?stdout=1&stream=1'));
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(sent).toBeLessThan(4 * 1024 * 1024);
  expect(flood.destroyed).toBe(false);
  const gone = new Promise((resolve) => flood.once('close', resolve));
  socket.destroy();
  await gone;
});

test('a client that typed the detach keys is let go', async () => {
  const attached = new PassThrough();
  engine.attached = attached;
  const ended = talk(post('/containers/tty/attach?stdin=1&stdout=1&stream=1'), 'x');
  setTimeout(() => attached.emit('detached'), 20);
  expect(await ended).toContain('101 UPGRADED');
});

test('waiting sends its status at once and the exit code later', async () => {
  const socket = open();
  const chunks: string[] = [];
  socket.on('data', (chunk) => chunks.push(String(chunk)));
  const ended = new Promise((resolve) => socket.on('end', resolve));
  socket.write(post('/containers/web/wait?condition=next-exit', 'Connection: close\r\n'));
  await expect.poll(() => chunks.join(''), { timeout: 5000 }).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*\r\n\r\n$/);
  engine.exit(hex('1'), 7);
  await ended;
  socket.destroy();
  expect(chunks.join('')).toContain('{"StatusCode":7}');
});

test('the stream of an exec ends only when its exit code is known', async () => {
  const id = await createExec();
  const attached = new PassThrough();
  engine.attached = attached;
  const ended = talk(post(`/exec/${id}/start`, upgrade, '{}'));
  setTimeout(() => attached.end(), 20);
  await ended;
  const inspect = await api.app.inject({ method: 'GET', url: `/exec/${id}/json` });
  expect(inspect.json()).toMatchObject({ Running: false, ExitCode: 0 });
});
