/** Connections as clients have them: what HTTP allows, streams that take over, and clients that vanish. */
import { readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { soon } from './commands.ts';
import { openTestEngine } from './engine.ts';
import { connectRaw, head, type RawClient } from './raw-client.ts';

const engine = openTestEngine();
const clients: RawClient[] = [];

function open(): RawClient {
  const client = connectRaw(engine.socket);
  clients.push(client);
  return client;
}

afterEach(() => {
  for (const { socket } of clients.splice(0)) socket.destroy();
});

beforeAll(async () => {
  await engine.seaway('run', '-d', '-i', '--name', 'echo', 'busybox', 'cat');
  await engine.seaway(
    'run',
    '-d',
    '--name',
    'talk',
    'busybox',
    'sh',
    '-c',
    'while :; do date; sleep 0.1; done',
  );
});

/** What a client is told, and whether it may ask again on this connection. */
async function told(...parts: readonly string[]): Promise<string> {
  const client = open();
  for (const part of parts) {
    client.write(part);
    if (parts.length > 1) await delay(50);
  }
  client.socket.end();
  return await client.end();
}

const json = 'Content-Type: application/json';
const create = 'POST /v1.41/networks/create';

describe('a connection', () => {
  test('takes one request after the other, also before the first is answered', async () => {
    const text = await told(head('GET /_ping').repeat(3));
    expect(text.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(3);
    expect(text.match(/OK(?=HTTP|$)/g)).toHaveLength(3);
  });

  test('of HTTP/1.0 ends with its answer', async () => {
    const client = open();
    client.write('GET /_ping HTTP/1.0\r\n\r\n');
    expect(await client.end()).toMatch(/\r\nConnection: close\r\n\r\nOK$/);
  });

  test('takes URLs in absolute form', async () => {
    expect(await told(head('GET http://docker/_ping'))).toMatch(/^HTTP\/1\.1 200 OK/);
  });

  test.each([
    ['in chunks', ['Transfer-Encoding: chunked'], ['8\r\n{"Name":\r\n', '6\r\n"raw"}\r\n0\r\n\r\n']],
    ['in pieces', ['Content-Length: 14'], ['{"Na', 'me":"raw', '"}']],
    ['after a 100', ['Content-Length: 14', 'Expect: 100-continue'], ['{"Name":"raw"}']],
  ])('takes a body that comes %s', async (_title, headers, parts) => {
    const text = await told(head(create, json, ...headers), ...parts);
    expect(text).toContain('HTTP/1.1 201 Created');
    expect(text.startsWith('HTTP/1.1 100 Continue')).toBe(headers.length > 1);
    await engine.seaway('network', 'rm', 'raw');
  });

  test.each([
    ['no HTTP', 'hello\r\n\r\n'],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['a header that is none', 'GET /_ping HTTP/1.1\r\nHost: docker\r\nhello\r\n\r\n'],
    ['two lengths', head(create, json, 'Content-Length: 2', 'Content-Length: 3')],
    ['a length and chunks', head(create, json, 'Content-Length: 2', 'Transfer-Encoding: chunked')],
    ['a body that is cut off', `${head(create, json, 'Content-Length: 90')}{"Name":"cut"}`],
  ])('that brings %s is told so, and ended', async (_title, text) => {
    expect(await told(text)).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(await engine.seaway('network', 'ls', '-q', '-f', 'name=cut')).toBe('');
  });

  test('that asks for an upgrade of what has none is answered', async () => {
    const upgrade = [
      'Connection: Upgrade, HTTP2-Settings',
      'Upgrade: h2c',
      'HTTP2-Settings: AAMAAABkAAQAAP__',
    ];
    expect(await told(head('GET /_ping', ...upgrade))).toMatch(/^HTTP\/1\.1 200 OK/);
  });
});

const upgrade = ['Connection: Upgrade', 'Upgrade: tcp'];
const frame = (text: string): string => `\x01\0\0\0\0\0\0${String.fromCharCode(text.length)}${text}`;
const attach = 'POST /v1.42/containers/echo/attach?stream=1&stdin=1&stdout=1';

async function createExec(...Cmd: readonly string[]): Promise<string> {
  const made = await engine.api('POST', '/containers/echo/exec', {
    json: { Cmd, AttachStdin: true, AttachStdout: true },
  });
  return (made.json as { Id: string }).Id;
}

describe('a stream that takes the connection over', () => {
  test('begins with 101, and has what was sent with the request', async () => {
    const client = open();
    client.write(`${head(attach, ...upgrade)}early\n`);
    await client.until(frame('early\n'));
    client.write('late\n');
    await client.until(frame('late\n'));
    const [first = ''] = client.said().split('\r\n\r\n');
    expect(first.split('\r\n').toSorted()).toEqual([
      'Connection: Upgrade',
      'Content-Type: application/vnd.docker.multiplexed-stream',
      'HTTP/1.1 101 UPGRADED',
      'Upgrade: tcp',
    ]);
  });

  test('begins with 200 where no upgrade was asked for, and has a chunked body as its input', async () => {
    const client = open();
    client.write(`${head(attach, 'Transfer-Encoding: chunked')}6\r\nhello\n\r\n`);
    await client.until(frame('hello\n'));
    expect(client.said()).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(client.said()).not.toMatch(/transfer-encoding/i);
  });

  test('goes on after the client has closed its side, until the output ends', async () => {
    const id = await createExec('sh', '-c', 'wc -c; sleep 0.3; echo done');
    const body = '{"Detach":false,"Tty":false}';
    const client = open();
    client.write(
      `${head(`POST /exec/${id}/start`, json, `Content-Length: ${body.length}`, ...upgrade)}${body}`,
    );
    await client.until('101 UPGRADED');
    client.socket.end('12345');
    expect(await client.end()).toContain(`${frame('5\n')}${frame('done\n')}`);
  });

  test.each([
    ['is heeded', { Tty: true }, '33 99\r\n'],
    ['is ignored where it asks for none', { Tty: false }, 'standard input\r\n'],
  ])('of an exec with a terminal: the size that its start brings %s', async (_title, asked, expected) => {
    const made = await engine.api('POST', '/containers/echo/exec', {
      json: { Cmd: ['sh', '-c', 'stty size 2>&1'], Tty: true, AttachStdout: true },
    });
    const body = JSON.stringify({ ...asked, ConsoleSize: [33, 99] });
    const client = open();
    client.write(
      `${head(`POST /exec/${(made.json as { Id: string }).Id}/start`, json, `Content-Length: ${body.length}`, ...upgrade)}${body}`,
    );
    expect(await client.end()).toContain(expected);
  });

  test('ends with the container, and the engine goes on', async () => {
    const leaving = async (index: number): Promise<string> => {
      const name = `leaving-${index}`;
      await engine.seaway('run', '-d', '--name', name, 'busybox', 'sleep', '1000');
      const json = { Cmd: ['sleep', '1000'], AttachStdout: true };
      const { Id: id } = (await engine.api('POST', `/containers/${name}/exec`, { json })).json as {
        Id: string;
      };
      const client = open();
      client.write(
        `${head(`POST /exec/${id}/start`, 'Content-Type: application/json', 'Content-Length: 2', ...upgrade)}{}`,
      );
      await client.until('101 UPGRADED');
      await engine.api('DELETE', `/containers/${name}?force=1`);
      return await client.end();
    };
    const said = await Promise.all([0, 1, 2].map(leaving));
    for (const text of said) expect(text).toMatch(/^HTTP\/1\.1 101 UPGRADED/);
    expect((await engine.api('GET', '/_ping')).text).toBe('OK');
  });

  test('of an exec begins before its output: clients read the two apart', async () => {
    for (let round = 0; round < 5; round++) {
      const id = await createExec('echo', 'quick');
      const client = open();
      const pieces: string[] = [];
      client.socket.on('data', (piece) => pieces.push(String(piece)));
      client.write(`${head(`POST /exec/${id}/start`, json, 'Content-Length: 2', ...upgrade)}{}`);
      await client.end();
      expect(pieces[0]).toMatch(/\r\n\r\n$/);
      expect(pieces.slice(1).join('')).toBe(frame('quick\n'));
    }
  });

  test('tells why an exec was not started, and its exit code', async () => {
    const id = await createExec('no-such-program');
    const client = open();
    client.write(`${head(`POST /exec/${id}/start`, json, 'Content-Length: 2', ...upgrade)}{}`);
    expect(await client.end()).toMatch(/101 UPGRADED[^$]*"?no-such-program"?.*not found/);
    expect((await engine.api('GET', `/exec/${id}/json`)).json).toMatchObject({
      ExitCode: 127,
      Running: false,
    });
    const again = await engine.api('POST', `/exec/${id}/start`, { json: {} });
    expect([again.status, again.message]).toEqual([409, `Error: Exec command ${id} has already run`]);
  });

  test('that asks for neither logs nor stream ends at once', async () => {
    expect((await engine.api('POST', '/containers/echo/attach?stdout=1')).status).toBe(200);
  });
});

/** Requests that are left in the middle, each with what is heard before the client goes. */
const left: readonly (readonly [string, () => Promise<readonly [request: string, heard: string]>])[] = [
  ['events', async () => [head('GET /events'), '200 OK']],
  ['logs', async () => [head('GET /containers/talk/logs?follow=1&stdout=1'), 'UTC']],
  ['stats', async () => [head('GET /containers/talk/stats'), 'memory_stats']],
  ['one sample', async () => [head('GET /containers/talk/stats?stream=0'), '']],
  ['a wait', async () => [head('POST /containers/talk/wait'), '200 OK']],
  ['an attached stream', async () => [head(attach, ...upgrade), '101 UPGRADED']],
  [
    'an exec',
    async () => {
      const id = await createExec('cat');
      const body = '{}';
      return [
        `${head(`POST /exec/${id}/start`, json, 'Content-Length: 2', ...upgrade)}${body}`,
        '101 UPGRADED',
      ];
    },
  ],
  ['an image that is saved', async () => [head('GET /images/busybox/get'), '200 OK']],
  ['an image that is loaded', async () => [`${head('POST /images/load', 'Content-Length: 9000')}abc`, '']],
  [
    'an archive',
    async () => [`${head('PUT /containers/echo/archive?path=/tmp', 'Content-Length: 9000')}abc`, ''],
  ],
  ['a body', async () => [`${head(create, json, 'Content-Length: 90')}{"Name"`, '']],
  ['a head', async () => ['GET /containers/json HTTP/1.1\r\nHost: do', '']],
];

/** Descriptors, children, and listeners to events: what a client that is gone must not hold. */
async function held(): Promise<readonly number[]> {
  const { NEventsListener: listeners } = (await engine.api('GET', '/info')).json as {
    NEventsListener: number;
  };
  const { stdout } = await engine.on('host', 'ps', '-o', 'pid=', '--ppid', String(engine.pid));
  const inside = JSON.parse((await engine.api('GET', '/containers/echo/top')).text) as {
    Processes: object[];
  };
  const descriptors = readdirSync(`/proc/${engine.pid}/fd`).length;
  return [descriptors, stdout.trim().split('\n').length, listeners, inside.Processes.length];
}

describe('500 clients that vanish', () => {
  test('leave nothing behind', { timeout: 120_000 }, async () => {
    const vanish = async (index: number): Promise<void> => {
      const [, make] = left[index % left.length] ?? [];
      const [request, heard] = (await make?.()) ?? ['', ''];
      const client = connectRaw(engine.socket);
      client.write(request);
      if (heard === '') await delay(20);
      else await client.until(heard);
      // some close their side first
      if (index % 2 === 0) client.socket.end();
      if (index % 4 === 0) await delay(20);
      client.socket.destroy();
    };
    const round = async (count: number): Promise<void> => {
      const indices = Array.from({ length: count }, (_, index) => index);
      for (let at = 0; at < count; at += 24) await Promise.all(indices.slice(at, at + 24).map(vanish));
    };
    await round(left.length * 2); // what is opened once and kept
    await delay(1500);
    const before = await held();
    await round(500);
    let after: readonly number[] = [];
    const settled = async (): Promise<boolean> => {
      after = await held();
      return after.every((count, index) => count <= (before[index] ?? 0));
    };
    await soon(settled, 20_000);
    expect(after.map((count, index) => Math.max(0, count - (before[index] ?? 0)))).toEqual([0, 0, 0, 0]);
    expect((await engine.api('GET', '/_ping')).text).toBe('OK');
  });
});
