/** What ends sooner than one thinks: execs before their terminal has a size, engines between exit and removal. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { soon, succeed } from './commands.ts';
import { openTestEngine } from './engine.ts';

const engine = openTestEngine();
const seaway = engine.seaway.bind(engine);

test('an exec that ends before its terminal is given a size has done its work', async () => {
  await seaway('run', '-d', '--name', 'box', 'busybox', 'sleep', '1000');
  const codes = new Set<unknown>();
  for (let round = 0; round < 30; round++) {
    const made = await engine.api('POST', '/containers/box/exec', {
      json: { Cmd: ['true'], Tty: true, AttachStdout: true, AttachStderr: true },
    });
    const { Id } = made.json as { Id: string };
    const said = await engine.api('POST', `/exec/${Id}/start`, {
      json: { Tty: true, ConsoleSize: [24, 80] },
    });
    const { json } = await engine.api('GET', `/exec/${Id}/json`);
    codes.add(`${said.status} ${(json as { ExitCode: number }).ExitCode} ${said.text}`);
  }
  expect([...codes]).toEqual(['200 0 ']);
});

test('who has read all of a container’s output finds it ended, and its network free', async () => {
  const seen = new Set<string>();
  for (let round = 0; round < 20; round++) {
    await engine.api('POST', '/networks/create', { json: { Name: 'brief' } });
    const made = await engine.api('POST', '/containers/create?name=short', {
      json: {
        ...{ Image: 'busybox', Cmd: ['sh', '-c', 'echo said; exit 3'], AttachStdout: true },
        HostConfig: { NetworkMode: 'brief' },
      },
    });
    const { Id } = made.json as { Id: string };
    const output = engine.api('POST', `/containers/${Id}/attach?stream=1&stdout=1`);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await engine.api('POST', `/containers/${Id}/start`);
    const { text } = await output;
    const { json } = await engine.api('GET', `/containers/${Id}/json`);
    const { State } = json as { State: { Status: string; ExitCode: number } };
    const { status } = await engine.api('DELETE', '/networks/brief');
    seen.add([text.includes('said'), State.Status, State.ExitCode, status].join(' '));
    await engine.api('DELETE', `/containers/${Id}?force=1`);
    await engine.api('DELETE', '/networks/brief');
  }
  expect([...seen]).toEqual(['true exited 3 204']);
});

test('files are copied where the image has a link in the place of a file of the engine’s', async () => {
  const root = join(engine.folder, 'linked');
  mkdirSync(join(root, 'etc'), { recursive: true });
  symlinkSync('/run/systemd/resolve/stub-resolv.conf', join(root, 'etc/resolv.conf'));
  await succeed(['tar', '-C', root, '-cf', `${root}.tar`, '.']);
  await seaway('import', `${root}.tar`, 'linked');
  await seaway('create', '--name', 'linked', 'linked', '/none');
  writeFileSync(join(engine.folder, 'note'), 'hello');
  await seaway('cp', join(engine.folder, 'note'), 'linked:/etc/');
  await seaway('cp', 'linked:/etc', join(engine.folder, 'back'));
  expect(readFileSync(join(engine.folder, 'back/note'), 'utf8')).toBe('hello');
});

test('a container with --rm is removed though the engine is killed as soon as it tells of its end', async () => {
  await seaway('run', '-d', '--rm', '--name', 'brief', 'busybox', 'sleep', '1000');
  const filters = encodeURIComponent('{"event":["die"]}');
  const died = new Promise<void>((resolve) => {
    const asked = request({ socketPath: engine.socket, path: `/events?filters=${filters}` }, (answer) => {
      answer.once('data', () => resolve()).on('error', () => undefined);
    });
    asked.on('error', () => undefined).end();
  });
  await soon(async () => (await engine.api('GET', '/_ping')).status === 200);
  void engine.api('POST', '/containers/brief/kill').catch(() => undefined);
  await died;
  await engine.kill();
  await engine.start();
  const listed = await engine.api('GET', '/containers/json?all=1');
  expect((listed.json as { Names: string[] }[]).flatMap(({ Names }) => Names)).not.toContain('/brief');
});
