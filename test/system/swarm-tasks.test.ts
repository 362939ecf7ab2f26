/** A node of a swarm: what it makes of the tasks that it is given, and what of it stays. */
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { etcdProgram } from '../kernel/kv/etcd-server.ts';
import { titleOf } from '../kernel/kv/server.ts';
import { connectHosts } from './cable.ts';
import { openTestEngine } from './engine.ts';

const here = '192.0.2.1';
const there = '192.0.2.2';
const inTime = { timeout: 30_000 };
if (etcdProgram) process.env.PATH = `${dirname(etcdProgram)}:${process.env.PATH}`;

describe.skipIf(!etcdProgram)(titleOf('tasks of a swarm', etcdProgram), () => {
  const engine = openTestEngine({ idle: true });
  const other = openTestEngine({ idle: true });
  const docker = (...args: readonly string[]) => engine.docker(...args);
  const create = (...args: readonly string[]) => docker('service', 'create', '-q', '-d', ...args);
  const said = async (service: string) =>
    docker('service', 'ps', '--no-trunc', '--format', '{{.CurrentState}}: {{.Error}}', service);
  const says = (service: string, what: string) =>
    vi.waitFor(async () => expect(await said(service)).toContain(what), inTime);
  const containerOf = (service: string) =>
    docker('ps', '-q', '--filter', `label=com.docker.swarm.service.name=${service}`);

  beforeAll(async () => {
    connectHosts([
      [engine, here],
      [other, there],
    ]);
    await engine.start();
    await docker('swarm', 'init', '--advertise-addr', here);
  });
  afterAll(async () => {
    await engine.tryDocker(['swarm', 'leave', '--force']);
  });

  test('a task has what its service says, and secrets in memory alone', async () => {
    await engine.tryDocker(['secret', 'create', 'key', '-'], { input: 'hush-hush' });
    await engine.tryDocker(['config', 'create', 'conf', '-'], { input: 'a=b' });
    await create(
      ...['--name', 'full', '--hostname', '{{.Service.Name}}-{{.Task.Slot}}', '--user', '7'],
      ...[
        '--secret',
        'source=key,target=k.pem,uid=7,mode=0400',
        '--config',
        'source=conf,target=/etc/my.conf',
      ],
      ...['--host', 'db:192.0.2.9', '--limit-memory', '50M', '--env', 'ON={{.Node.Hostname}}'],
      ...['busybox', 'sleep', '600'],
    );
    await says('full', 'Running');
    const id = await containerOf('full');
    const inside = await docker(
      ...['exec', id, 'sh', '-c', 'cat /run/secrets/k.pem /etc/my.conf /etc/hosts; hostname; echo $ON'],
    );
    expect(inside).toMatch(/^hush-hush/);
    for (const part of ['a=b', '192.0.2.9\tdb', 'full-1']) expect(inside).toContain(part);
    expect(await docker('inspect', '-f', '{{.Name}} {{.HostConfig.Memory}}', id)).toMatch(
      /^\/full\.1\.[0-9a-z]{25} 52428800$/,
    );
    const { stdout } = await engine.on('host', 'grep', '-rl', 'hush-hush', join(engine.folder, 'data'));
    expect(stdout).toBe('');
  });

  test('what ends, cannot be made, or is ill is told in Docker words', async () => {
    const once = ['--restart-condition', 'none'];
    await create('--name', 'bad', ...once, 'busybox', 'sh', '-c', 'exit 3');
    await create(
      '--name',
      'unbound',
      ...once,
      '--mount',
      'type=bind,source=/nosuch,target=/x',
      'busybox',
      'true',
    );
    const ill = ['--health-cmd', 'false', '--health-interval', '200ms', '--health-retries', '1'];
    await create('--name', 'ill', ...once, ...ill, '--stop-grace-period', '1s', 'busybox', 'sleep', '600');
    await says('bad', 'task: non-zero exit (3)');
    await says('unbound', 'bind source path does not exist: /nosuch');
    await says('ill', 'task: non-zero exit (137): dockerexec: unhealthy container');
  });

  test('tasks go on without an engine, and the next one finds them', async () => {
    await docker('network', 'create', '-d', 'overlay', 'app');
    await create(
      '--name',
      'web',
      '--replicas',
      '2',
      '--network',
      'app',
      'busybox',
      'httpd',
      '-f',
      '-h',
      '/etc',
    );
    await says('web', 'Running');
    const count = () => docker('service', 'ls', '--filter', 'name=web', '--format', '{{.Replicas}}');
    await vi.waitFor(async () => expect(await count()).toBe('2/2'), inTime);
    const before = await containerOf('web');
    await engine.kill();
    await engine.start();
    await vi.waitFor(async () => expect(await count()).toBe('2/2'), inTime);
    expect(await containerOf('web')).toBe(before);
    const [first = ''] = before.split('\n');
    expect(await docker('exec', first, 'wget', '-qO-', 'http://web/hostname')).toMatch(/^[0-9a-f]{12}$/);
    expect(await said('full')).toMatch(/^Running .*:$/);
    const { json } = await engine.api('GET', '/seaway/compare');
    expect(json).toMatchObject({ Scopes: [] });
  });

  test('a container gets a place on an attachable network, which goes with it', async () => {
    const refused = await engine.tryDocker(['run', '--rm', '--network', 'app', 'busybox', 'true']);
    expect(refused.stderr).toContain(
      'Could not attach to network app: rpc error: code = PermissionDenied desc = network app not manually attachable',
    );
    await docker('network', 'create', '-d', 'overlay', '--attachable', 'att');
    await docker('run', '-d', '--name', 'a1', '--network', 'att', 'busybox', 'sleep', '600');
    await docker('run', '-d', '--name', 'a2', 'busybox', 'sleep', '600');
    await docker('network', 'connect', '--alias', 'two', 'att', 'a2');
    await docker('exec', 'a1', 'ping', '-c1', '-W2', 'two');
    const used = await engine.tryDocker(['network', 'rm', 'att']);
    expect(used.stderr).toContain('is in use by task');
    await docker('rm', '-f', 'a1');
    await docker('network', 'disconnect', 'att', 'a2');
    await vi.waitFor(() => docker('network', 'rm', 'att'), inTime);
  });

  test('unused networks of the swarm are pruned, and used ones are kept', async () => {
    await docker('network', 'create', '-d', 'overlay', 'spare');
    expect(await docker('network', 'prune', '-f')).toContain('spare');
    const left = await docker('network', 'ls', '--filter', 'scope=swarm', '--format', '{{.Name}}');
    expect(left.split('\n').toSorted()).toEqual(['app', 'ingress']);
  });

  test('another node has what its tasks need, and nothing once it has left', async () => {
    await other.start();
    const token = await docker('swarm', 'join-token', '-q', 'worker');
    await other.docker('swarm', 'join', '--token', token, `${here}:2377`);
    await docker('network', 'create', '-d', 'overlay', '--attachable', 'wide');
    await create(
      '--name',
      'both',
      '--mode',
      'global',
      '--network',
      'wide',
      'busybox',
      'httpd',
      '-f',
      '-h',
      '/etc',
    );
    const count = () => docker('service', 'ls', '--filter', 'name=both', '--format', '{{.Replicas}}');
    await vi.waitFor(async () => expect(await count()).toBe('2/2'), inTime);
    const networks = await other.docker('network', 'ls', '--filter', 'scope=swarm', '--format', '{{.Name}}');
    expect(networks.split('\n').toSorted()).toEqual(['ingress', 'wide']);
    const [task = ''] = (await other.docker('ps', '-q')).split('\n');
    const own = await containerOf('both');
    const name = await docker('inspect', '-f', '{{.Name}}', own);
    const hears = (from: string, to: string) => other.docker('exec', from, 'ping', '-c1', '-W2', to);
    await vi.waitFor(() => hears(task, name.slice(1)), inTime);
    await other.docker('run', '-d', '--name', 'cli', '--network', 'wide', 'busybox', 'sleep', '600');
    await hears('cli', name.slice(1));
    await vi.waitFor(() => docker('exec', own, 'ping', '-c1', '-W2', 'cli'), inTime);
    await other.docker('rename', 'cli', 'shop');
    await vi.waitFor(() => docker('exec', own, 'ping', '-c1', '-W2', 'shop'), inTime);
    await other.docker('rename', 'shop', 'cli');
    const refused = await other.tryDocker(['network', 'create', '-d', 'overlay', 'mine']);
    expect(refused.stderr).toContain('This node is not a swarm manager.');
    await other.docker('swarm', 'leave');
    expect(await other.docker('ps', '-a', '--format', '{{.Names}}')).toBe('cli');
    expect(await other.docker('network', 'ls', '--filter', 'scope=swarm', '-q')).toBe('');
    await docker('service', 'rm', 'both');
  });

  test('a node that leaves keeps its own containers alone', async () => {
    await docker('network', 'create', '-d', 'overlay', '--attachable', 'late');
    await docker('run', '-d', '--name', 'stays', '--network', 'late', 'busybox', 'sleep', '600');
    await docker('swarm', 'leave', '--force');
    const names = await docker('ps', '-a', '--format', '{{.Names}}');
    expect(names.split('\n').toSorted()).toEqual(['a2', 'stays']);
    expect(await docker('network', 'ls', '--filter', 'scope=swarm', '-q')).toBe('');
    expect(readdirSync(join(engine.folder, 'run/tasks'))).toEqual([]);
    const { json } = await engine.api('GET', '/seaway/compare');
    expect(json).toMatchObject({ Scopes: [] });
  });
});
