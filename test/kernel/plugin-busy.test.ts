/** Many calls at one time: of many plugins, and of one with more callers than its socket has room for. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Type from 'typebox';
import { expect, test } from 'vitest';
import { createLogger } from '../../src/observe/logger.ts';
import { openPlugins } from '../../src/plugins/plugins.ts';

/** Does nothing else while it works, as a program with a single thread. */
const program = `
  const wait = new Int32Array(new SharedArrayBuffer(4));
  require('node:http').createServer((request, response) => {
    if (request.url === '/VolumeDriver.Create') {
      console.log('working');
      Atomics.wait(wait, 0, 0, 2000);
    }
    response.setHeader('connection', 'close');
    response.end('{"Implements":["VolumeDriver"],"Said":"done"}');
  }).listen({ path: process.argv[1], backlog: 1 }, () => console.log('ready'));
`;

test('a survey of many files asks a few plugins at a time', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'survey-'));
  let most = 0;
  const server = createServer((_, response) => {
    server.getConnections((_error, count) => {
      most = Math.max(most, count);
      setTimeout(() => response.end('{"Implements":["VolumeDriver"]}'), 5);
    });
  });
  try {
    await once(server.listen(join(folder, 'one.sock')), 'listening');
    for (let count = 0; count < 300; count++)
      writeFileSync(join(folder, `p${count}.spec`), `unix://${folder}/one.sock`);
    const plugins = openPlugins({ folders: [folder], timeout: 10_000, logger: createLogger('fatal') });
    const { found, failed } = await plugins.all('VolumeDriver');
    expect([found.length, failed]).toEqual([301, []]);
    expect(most).toBeLessThan(64);
    plugins.close();
  } finally {
    server.close();
    rmSync(folder, { recursive: true });
  }
});

test('a plugin that works on one call at a time is waited for, longer than one that is away', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'busy-'));
  const plugin = spawn(process.execPath, ['-e', program, join(folder, 'busy.sock')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await once(plugin.stdout, 'data');
    const plugins = openPlugins({ folders: [folder], timeout: 10_000, logger: createLogger('fatal') });
    const client = await plugins.find('busy', 'VolumeDriver');
    const schema = Type.Object({ Said: Type.String() });
    const working = once(plugin.stdout, 'data');
    const slow = client.call('VolumeDriver.Create', {}, schema);
    await working;
    const calls = Array.from({ length: 20 }, () => client.call('VolumeDriver.Get', {}, schema));
    expect((await Promise.all(calls)).map(({ Said }) => Said)).toEqual(calls.map(() => 'done'));
    await slow;
    plugins.close();
  } finally {
    plugin.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  }
});
