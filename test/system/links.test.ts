/** `--link`: entries and variables on the default bridge, aliases elsewhere; and a container's own published port. */
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

  test('the source is an entry of /etc/hosts by alias, id and name, and answers there', async () => {
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
