/**
 * `--link`: entries and variables on the default bridge, aliases elsewhere; what a container has written into its
 * files; and a container's own published port.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { uplink } from '../kernel/rig.ts';
import { openTestEngine } from './engine.ts';

const engine = openTestEngine();
const { rig } = engine;
const seaway = engine.seaway.bind(engine);
const serve = ['busybox', 'httpd', '-f', '-p', '80', '-h', '/etc'];
const idle = ['busybox', 'sleep', '1000'];

const inside = (name: string, command: string): Promise<string> => seaway('exec', name, 'sh', '-c', command);
const run = (name: string, ...args: readonly string[]): Promise<string> =>
  seaway('run', '-d', '--name', name, ...args);
const addressOf = (name: string): Promise<string> =>
  seaway('inspect', '--format', '{{.NetworkSettings.IPAddress}}', name);
const hosts = (name: string, alias: string): Promise<string> =>
  inside(name, `grep -w ${alias} /etc/hosts || true`);
const page = (name: string, host: string): Promise<string> =>
  inside(name, `timeout 3 wget -qO- http://${host}/passwd | head -1 || true`);

describe('on the default bridge', () => {
  beforeAll(async () => {
    await run('source', '--expose', '80', '-e', 'COLOUR=red', ...serve);
    await run('linked', '--link', 'source:web', ...idle);
  });

  test('the source is an entry of /etc/hosts by alias, hostname and name, and answers there', async () => {
    const id = (await seaway('inspect', '--format', '{{.Id}}', 'source')).slice(0, 12);
    expect(await hosts('linked', 'web')).toBe(`${await addressOf('source')}\tweb ${id} source`);
    expect(await page('linked', 'web')).toMatch(/^root:/);
  });

  test('its port and its variables are in the environment', async () => {
    const address = await addressOf('source');
    const env = (await inside('linked', 'env')).split('\n');
    for (const line of [
      'WEB_NAME=/linked/web',
      `WEB_PORT=tcp://${address}:80`,
      `WEB_PORT_80_TCP_ADDR=${address}`,
      'WEB_PORT_80_TCP_PORT=80',
      'WEB_PORT_80_TCP_PROTO=tcp',
      'WEB_ENV_COLOUR=red',
    ])
      expect(env).toContain(line);
  });

  test('the entry follows a source that comes back with another address, also over a restart of the engine', async () => {
    const before = await addressOf('source');
    await seaway('stop', '-t', '0', 'source');
    await run('squatter', ...idle);
    expect(await addressOf('squatter')).toBe(before);
    await seaway('start', 'source');
    const after = await addressOf('source');
    expect(after).not.toBe(before);
    expect(await hosts('linked', 'web')).toContain(`${after}\tweb`);
    expect(await page('linked', 'web')).toMatch(/^root:/);
    await engine.restart();
    expect(await hosts('linked', 'web')).toContain(`${after}\tweb`);
  });

  test('the source must be there, and a link can be taken back', async () => {
    const { stderr } = await engine.trySeaway(['run', '--rm', '--link', 'nobody:x', 'busybox', 'true']);
    expect(stderr).toContain('could not get container for nobody');
    const remove = (path: string) => engine.api('DELETE', `/containers/${path}?link=1`);
    expect(await remove('linked/other')).toMatchObject({
      status: 404,
      message: 'No such container: linked/other',
    });
    expect(await remove('linked')).toMatchObject({
      status: 500,
      message: 'Conflict, cannot remove the default link name of the container',
    });
    await seaway('rm', '--link', '/linked/web');
    expect(await hosts('linked', 'web')).toBe('');
    expect(await seaway('inspect', '--format', '{{json .HostConfig.Links}}', 'linked')).toBe('null');
    expect(await remove('linked/web')).toMatchObject({ status: 404 });
    expect(await page('linked', await addressOf('source'))).toMatch(/^root:/);
  });
});

test('a link of the default bridge leads to a container that runs there, and to no other of its name', async () => {
  const startOf = (name: string) => engine.api('POST', `/containers/${name}/start`);
  await seaway('network', 'create', 'elsewhere');
  await run('away', '--network', 'elsewhere', ...idle);
  await run('first', ...idle);
  for (const source of ['away', 'first'])
    await seaway('create', '--name', `to-${source}`, '--link', `${source}:x`, ...idle);
  expect(await startOf('to-away')).toMatchObject({
    status: 500,
    message: expect.stringMatching(/^container \w{64} not attached to default bridge network$/),
  });
  await seaway('rename', 'first', 'old');
  expect(await seaway('inspect', '--format', '{{.HostConfig.Links}}', 'to-first')).toBe('[/old:/to-first/x]');
  await seaway('rm', '-f', 'old');
  await run('first', ...idle);
  expect(await startOf('to-first')).toMatchObject({
    status: 500,
    message: 'Cannot link to a non running container: /old AS /to-first/x',
  });
  await seaway('rm', '-f', 'away', 'first', 'to-away', 'to-first');
});

test('a link on several networks leads to wherever its target is', async () => {
  for (const name of ['one', 'two']) await seaway('network', 'create', name);
  await run('target', '--network', 'one', ...serve);
  await seaway('create', '--name', 'user', '--network', 'one', '--link', 'target:al', ...idle);
  await seaway('network', 'connect', '--link', 'target:al', 'two', 'user');
  await seaway('start', 'user');
  expect(await page('user', 'al')).toMatch(/^root:/);
});

describe('what a container has written into its files', () => {
  const edits = [
    'echo nameserver 192.0.2.1 >/etc/resolv.conf',
    'echo 192.0.2.9 mine >>/etc/hosts',
    'echo edited >/etc/hostname',
  ];
  const look = (name: string) =>
    inside(name, 'grep -hE "^nameserver|mine|edited" /etc/resolv.conf /etc/hosts /etc/hostname');
  const kept = 'nameserver 192.0.2.1\n192.0.2.9 mine\nedited';

  test('stays when networks come and go, and over a restart of the engine; not over its own', async () => {
    await seaway('network', 'create', '--subnet', '10.86.0.0/24', 'later');
    await run('editor', '--network', 'elsewhere', ...idle);
    await inside('editor', edits.join(' && '));
    await seaway('network', 'connect', 'later', 'editor');
    expect(await look('editor')).toBe(kept);
    expect(await hosts('editor', '10.86.0.2')).not.toBe('');
    await engine.restart();
    expect(await look('editor')).toBe(kept);
    await seaway('network', 'disconnect', 'later', 'editor');
    expect(await look('editor')).toBe(kept);
    expect(await hosts('editor', '10.86.0.2')).toBe('');
    await seaway('restart', '-t', '0', 'editor');
    expect(await look('editor')).toBe('nameserver 127.0.0.11');
  });

  test('may be the resolver’s address, which goes on answering on the default bridge alone', async () => {
    await run('visitor', ...idle);
    await seaway('network', 'connect', 'elsewhere', 'visitor');
    await seaway('network', 'disconnect', 'elsewhere', 'visitor');
    expect(await look('visitor')).toBe('nameserver 127.0.0.11');
    expect(await inside('visitor', 'timeout 5 nslookup -type=a host.docker.internal 127.0.0.11')).toContain(
      '172.17.0.1',
    );
    await seaway('restart', '-t', '0', 'visitor');
    expect(await look('visitor')).not.toContain('127.0.0.11');
  });
});

test('on a network of the user’s a link is an alias that the linked container alone sees', async () => {
  await seaway('network', 'create', 'net');
  await run('db', '--network', 'net', ...serve);
  await run('client', '--network', 'net', '--link', 'db:store', ...idle);
  await run('stranger', '--network', 'net', ...idle);
  expect(await page('client', 'store')).toMatch(/^root:/);
  expect(await page('stranger', 'store')).toBe('');
  expect(await page('stranger', 'db')).toMatch(/^root:/);
  expect(await inside('client', 'env')).not.toContain('STORE_');
});

test('a container reaches its own published port by every address of the host, and its neighbours do', async () => {
  await seaway('network', 'create', '--ipv6', 'round');
  await run('own', '--network', 'round', '-p', '8086:80', ...serve);
  await run('next', '--network', 'round', ...idle);
  await run('far', ...idle);
  for (const name of ['own', 'next', 'far'])
    expect(await page(name, `${uplink.address}:8086`)).toMatch(/^root:/);
  for (const name of ['own', 'next']) expect(await page(name, `[${uplink.address6}]:8086`)).toMatch(/^root:/);
  expect(rig.run('host', 'busybox', 'wget', '-qO-', 'http://127.0.0.1:8086/passwd')).toContain('root:');
});
