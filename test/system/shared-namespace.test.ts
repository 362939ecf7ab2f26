/** `--network container:NAME`: who has joined finds the network again when the other comes again. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { openTestEngine } from './engine.ts';

const engine = openTestEngine();
const seaway = engine.seaway.bind(engine);

const serve = ['busybox', 'httpd', '-f', '-p', '80', '-h', '/etc'];
const owner = ['--name', 'app', '--network', 'net', '-p', '8080:81', '--stop-timeout', '0'];

/** The one that has joined serves port 81 of the shared namespace, and is never started again. */
beforeEach(async () => {
  await engine.removeContainers();
  await engine.trySeaway(['network', 'create', 'net']);
  await seaway('run', '-d', '--name', 'db', '--network', 'net', ...serve);
  await seaway('run', '-d', ...owner, ...serve);
  const web = ['busybox', 'httpd', '-f', '-p', '81', '-h', '/etc'];
  await seaway('run', '-d', '--name', 'side', '--network', 'container:app', ...web);
});

const namespaces = (): readonly string[] => readdirSync(join(engine.folder, 'run/netns'));
const pidOf = (name: string) => seaway('inspect', '--format', '{{.State.Pid}}', name);
const addressOf = (name: string) =>
  seaway('inspect', '--format', '{{.NetworkSettings.Networks.net.IPAddress}}', name);

/** From the outside in, from the inside out, by name both ways; its hosts file is the owner's. */
async function expectNetwork(): Promise<void> {
  expect(await engine.page('outside', 'http://198.51.100.2:8080/hostname')).toMatch(/^[0-9a-f]{12}$/);
  expect(await seaway('exec', 'side', 'nslookup', '-type=a', 'db')).toMatch(/^Name:\s+db$/m);
  expect(await seaway('exec', 'side', 'wget', '-qO-', 'http://db/hostname')).toMatch(/^[0-9a-f]{12}$/);
  expect(await seaway('exec', 'db', 'wget', '-qO-', 'http://app:81/hostname')).toMatch(/^[0-9a-f]{12}$/);
  const id = await seaway('inspect', '--format', '{{.Id}}', 'app');
  const line = `${await addressOf('app')}\t${id.slice(0, 12)}`;
  expect(await seaway('exec', 'side', 'cat', '/etc/hosts')).toContain(line);
  expect(await seaway('exec', 'app', 'cat', '/etc/hosts')).toContain(line);
}

describe('a container that has joined the network of another', () => {
  test('finds it again when the other is restarted', async () => {
    await expectNetwork();
    const [pid, before] = [await pidOf('side'), namespaces()];
    await seaway('restart', 'app');
    await expectNetwork();
    expect(await pidOf('side')).toBe(pid);
    expect(namespaces()).toEqual(before);
  });

  test('finds it again when another of the same name takes its place, at another address', async () => {
    const pid = await pidOf('side');
    await seaway('rm', '-f', 'app');
    expect(await seaway('exec', 'side', 'ls', '/sys/class/net')).not.toContain('eth0');
    expect((await engine.trySeaway(['restart', '-t', '0', 'db'])).status).toBe(0);
    await seaway('run', '-d', '--name', 'first', '--network', 'net', ...serve);
    await seaway('run', '-d', ...owner, ...serve);
    await expectNetwork();
    expect(await pidOf('side')).toBe(pid);
    // it belongs to the new one, also when it is started again itself
    await seaway('restart', '-t', '0', 'side');
    await expectNetwork();
  });

  test('keeps the namespace over a restart of the engine, and over its crash', async () => {
    await seaway('stop', 'app');
    await engine.restart();
    await seaway('start', 'app');
    await expectNetwork();
    await seaway('rm', '-f', 'app');
    await engine.kill();
    await engine.start();
    await seaway('run', '-d', ...owner, ...serve);
    await expectNetwork();
  });

  test('takes the namespace with it when it is the last', async () => {
    const [path] = namespaces().slice(-1);
    expect(path).toBeDefined();
    const all = namespaces().length;
    await seaway('rm', '-f', 'app');
    expect(namespaces()).toHaveLength(all);
    await seaway('rm', '-f', 'side');
    expect(namespaces()).toHaveLength(all - 1);
    expect(readdirSync(join(engine.folder, 'data/containers'))).toHaveLength(1);
  });

  test('cannot join one that does not run, or itself', async () => {
    await seaway('create', '--name', 'idle', 'busybox', 'true');
    const late = await engine.trySeaway(['run', '--network', 'container:idle', 'busybox', 'true']);
    expect(late.stderr).toContain('cannot join network namespace of a non running container');
    expect(late.status).toBe(125);
  });
});
