/** `host.docker.internal` in every kind of network: what it leads to, and that the host answers there. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Started } from '../kernel/rig.ts';
import { openTestEngine } from './engine.ts';

const engine = openTestEngine();
const { rig } = engine;
const seaway = engine.seaway.bind(engine);
const idle = ['busybox', 'sleep', '1000'];
const names = ['host.docker.internal', 'gateway.docker.internal'];

const tryInside = async (name: string, command: string): Promise<string> => {
  const { stdout, stderr } = await engine.trySeaway(['exec', name, 'sh', '-c', command]);
  return `${stdout}${stderr}`.trim();
};

/** What a name leads to in a container, or '' for nothing. */
async function leadsTo(container: string, name: string, family: '-4' | '-6' = '-4'): Promise<string> {
  const said = await tryInside(container, `timeout 3 ping ${family} -c1 -W1 ${name}`);
  return /^PING \S+ \(([^)]+)\)/.exec(said)?.[1] ?? '';
}

const both = (container: string, family: '-4' | '-6' = '-4') =>
  Promise.all(names.map((name) => leadsTo(container, name, family)));

/** The page of a web server on the host. */
const page = (container: string): Promise<string> =>
  tryInside(container, 'timeout 3 wget -qO- http://host.docker.internal:8099/hostname');

let server: Started;
beforeAll(async () => {
  server = rig.start('host', 'busybox', 'httpd', '-f', '-p', '8099', '-h', '/etc');
  const networks = [
    ['--ipv6', '--subnet', '10.81.0.0/24', '--subnet', 'fd81::/64', 'dual'],
    ['--ipv4=false', '--ipv6', '--subnet', 'fd82::/64', 'six'],
    ['--internal', '--subnet', '10.83.0.0/24', 'inner'],
    ['-o', 'seaway.host_names=false', '--subnet', '10.84.0.0/24', 'off'],
  ];
  for (const args of networks) await seaway('network', 'create', ...args);
  const run = (name: string, ...args: readonly string[]) =>
    seaway('run', '-d', '--name', name, ...args, ...idle);
  await run('plain');
  await run('dual', '--network', 'dual');
  await run('six', '--network', 'six');
  await run('inner', '--network', 'inner');
  await run('several', '--network', 'inner', '--network', 'dual');
  await run('joined', '--network', 'container:dual');
  await run('host', '--network', 'host');
  await run('none', '--network', 'none');
  await run('off', '--network', 'off');
  await run('own', '--add-host', 'host.docker.internal:10.9.9.9');
});

afterAll(() => server.stop());

describe('without any flag the host is found', () => {
  const gateway = '172.17.0.1';

  test.each([
    ['plain', gateway],
    ['dual', '10.81.0.1'],
    ['inner', '10.83.0.1'],
    ['several', '10.81.0.1'],
    ['joined', '10.81.0.1'],
    ['host', '127.0.0.1'],
  ])('by a container of %s at %s, and answers', async (name, address) => {
    expect(await both(name)).toEqual([address, address]);
    expect(await page(name)).not.toBe('');
    expect(await page(name)).not.toContain('wget');
  });

  test('by IPv6 where a network has it', async () => {
    expect(await both('dual', '-6')).toEqual(['fd81::1', 'fd81::1']);
    expect(await both('six', '-6')).toEqual(['fd82::1', 'fd82::1']);
    expect(await both('six')).toEqual(['', '']);
    expect(await page('six')).not.toContain('wget');
  });

  test('by a container on the default bridge after a second network came and went', async () => {
    await seaway('network', 'connect', '--gw-priority', '1', 'dual', 'plain');
    expect(await both('plain')).toEqual(['10.81.0.1', '10.81.0.1']);
    await seaway('network', 'disconnect', 'dual', 'plain');
    expect(await both('plain')).toEqual([gateway, gateway]);
  });
});

test('there is none without a network, and none where it is switched off', async () => {
  expect(await both('none')).toEqual(['', '']);
  expect(await both('off')).toEqual(['', '']);
});

test('what a user gives the name to goes first', async () => {
  expect(await leadsTo('own', 'host.docker.internal')).toBe('10.9.9.9');
  expect(await leadsTo('own', 'gateway.docker.internal')).toBe('172.17.0.1');
});

test('--host-names=false switches it off, also for running containers', async () => {
  await engine.stop();
  await engine.start(['--host-names=false']);
  for (const name of ['plain', 'dual', 'host']) expect(await both(name)).toEqual(['', '']);
  await engine.restart();
  for (const name of ['plain', 'dual', 'host']) expect(await both(name)).not.toContain('');
});
