/** Two engines on two hosts in one swarm, as users see it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { etcdProgram } from '../kernel/kv/etcd-server.ts';
import { titleOf } from '../kernel/kv/server.ts';
import { connectHosts } from './cable.ts';
import { openTestEngine, type TestEngine } from './engine.ts';

const here = '192.0.2.1';
const there = '192.0.2.2';
/** For what has to pass from host to host, on a machine that does other work too. */
const inTime = { timeout: 30_000 };
/** Tasks that end and are replaced without waiting. */
const quick = [
  ...['--stop-grace-period=1s', '--update-parallelism=4', '--rollback-parallelism=4'],
  ...['--update-monitor=1s', '--rollback-monitor=1s'],
];
const web = ['busybox', 'httpd', '-f', '-h', '/etc'];

describe.skipIf(!etcdProgram)(titleOf('a swarm', etcdProgram), () => {
  const a = openTestEngine({ idle: true });
  const b = openTestEngine({ idle: true });
  for (const engine of [a, b]) engine.patience = 60_000;
  for (const { env } of [a, b]) env.PATH = `${dirname(etcdProgram ?? '')}:${env.PATH ?? process.env.PATH}`;

  beforeAll(async () => {
    connectHosts([
      [a, here],
      [b, there],
    ]);
    await a.start();
    await b.start();
  });
  afterAll(async () => {
    for (const engine of [b, a]) {
      await engine.tryDocker(['swarm', 'leave', '--force']);
      const { stdout } = await engine.tryDocker(['ps', '-aq']);
      await engine.tryDocker(['rm', '-f', ...stdout.split(/\s+/).filter(Boolean)]);
      await engine.tryDocker(['network', 'rm', 'docker_gwbridge']);
    }
  });

  const tasksOf = async (engine: TestEngine, service: string): Promise<readonly string[]> => {
    const filter = `label=com.docker.swarm.service.name=${service}`;
    return (await engine.docker('ps', '-q', '--filter', filter)).split(/\s+/).filter(Boolean);
  };
  const replicas = async (service: string): Promise<string> =>
    await a.docker('service', 'ls', '--filter', `name=${service}`, '--format', '{{.Replicas}}');
  const status = async (): Promise<readonly string[]> => {
    const said = await a.docker('node', 'ls', '--format', '{{.Status}} {{.ManagerStatus}}');
    return said
      .split('\n')
      .map((line) => line.trim())
      .sort();
  };

  test('begins with one node, and another one joins', async () => {
    const init = ['swarm', 'init', '--advertise-addr', here, '--data-path-port', '7788'];
    const holder = "require('node:dgram').createSocket('udp4').bind(7788, () => console.log('bound'))";
    const program = spawn('nsenter', [`--net=${a.rig.host}`, process.execPath, '-e', holder]);
    try {
      await once(program.stdout, 'data');
      const { stderr } = await a.tryDocker(init);
      expect(stderr).toMatch(
        /listen udp :7788: bind: address already in use: .+ \(process \d+\) has the port/,
      );
    } finally {
      program.kill('SIGKILL');
    }
    await once(program, 'exit');
    const marking = ['-t', 'mangle', '-A', 'PREROUTING', '-i', 'nosuch0', '-j', 'MARK', '--set-mark', '1'];
    await a.on('host', 'iptables', ...marking);
    await a.on('host', 'ip', 'rule', 'add', 'fwmark', '0x80000/0xff0000', 'lookup', '52', 'priority', '5210');
    expect(await a.docker(...init)).toContain('is now a manager');
    expect(await a.docker('info', '-f', '{{.Swarm.Cluster.DataPathPort}}')).toBe('7788');
    const warnings = () => a.docker('info', '-f', '{{.Swarm.Warnings}}');
    expect(await warnings()).toContain('fwmark 0x80000/0xff0000');
    await vi.waitFor(async () => expect(await warnings()).toContain('-i nosuch0 -j MARK'), inTime);
    // From the beginning, without a moment in which the node is unknown.
    const first = await a.docker('node', 'ls', '--format', '{{.Status}} {{.Hostname}}');
    expect(first).toBe(`Ready ${hostname()}`);
    const token = await a.docker('swarm', 'join-token', '-q', 'worker');
    expect(token).toMatch(/^SWMTKN-1-[0-9a-z]{50}-[0-9a-z]{25}$/);
    const wrong = `SWMTKN-1-${'0'.repeat(49)}a-${'0'.repeat(25)}`;
    const refused = await b.tryDocker(['swarm', 'join', '--token', wrong, `${here}:2377`]);
    expect(refused.stderr).toContain('remote CA does not match fingerprint');
    expect(await b.docker('swarm', 'join', '--token', token, `${here}:2377`)).toContain(
      'This node joined a swarm as a worker',
    );
    await vi.waitFor(async () => expect(await status()).toEqual(['Ready', 'Ready Leader']), inTime);
    const managing = await b.tryDocker(['node', 'ls']);
    expect(managing.stderr).toContain("Worker nodes can't be used to view or modify cluster state");
    for (const engine of [a, b]) expect(engine.log(1000)).not.toContain(token);
  });

  test('runs a service, whose tasks meet by names and by its virtual address', async () => {
    await a.docker('network', 'create', '-d', 'overlay', '--attachable', '--subnet', '10.9.0.0/24', 'back');
    await a.docker(
      'service',
      'create',
      '-q',
      ...quick,
      '--replicas',
      '2',
      '--name',
      'web',
      '--network',
      'back',
      ...web,
    );
    await vi.waitFor(async () => expect(await replicas('web')).toBe('2/2'), inTime);
    const counts = [await tasksOf(a, 'web'), await tasksOf(b, 'web')].map(({ length }) => length);
    expect(counts).toEqual([1, 1]);
    await b.docker('run', '-d', '--name', 'cli', '--network', 'back', 'busybox', 'sleep', '600');
    const page = (): Promise<string> => b.docker('exec', 'cli', 'wget', '-qO-', 'http://web/hostname');
    const names = new Set<string>();
    await vi.waitFor(async () => {
      names.add(await page());
      expect(names.size).toBe(2);
    }, inTime);
    const asked = await b.docker('exec', 'cli', 'nslookup', '-type=a', 'tasks.web');
    await vi.waitFor(
      async () => expect((await a.seaway('swarm', 'status')).match(/ up to date/g)).toHaveLength(2),
      inTime,
    );
    // the network's own addresses, its gateway, that of the service, two tasks and the container
    expect(await a.seaway('swarm', 'status')).toMatch(/^back +10\.9\.0\.0\/24 +7 +249$/m);
    expect(asked.match(/^Address:? .*10\.9\.0\.\d+$/gm)).toHaveLength(2);
  });

  test('serves a published port on each node, with the address of the client', async () => {
    for (const engine of [a, b]) {
      const { stdout } = await engine.on('host', 'ip', '-d', 'link', 'show', 'seaway-mesh');
      expect(stdout).toContain('dstport 7788');
    }
    const [, node] = (await a.docker('node', 'ls', '--format', '{{.ID}} {{.ManagerStatus}}'))
      .split('\n')
      .map((line) => line.split(' '))
      .toSorted(([, one = ''], [, other = '']) => (one > other ? 1 : -1))
      .map(([id]) => id);
    const serve = ['--constraint', `node.id==${node}`, '-p', '8080:80'];
    await a.docker('service', 'create', '-q', ...quick, '--name', 'pub', ...serve, ...web);
    await vi.waitFor(async () => expect(await replicas('pub')).toBe('1/1'), inTime);
    for (const address of [here, there, '127.0.0.1'])
      for (const engine of [a, b])
        await vi.waitFor(
          async () =>
            expect(await engine.page('host', `http://${address}:8080/hostname`)).toMatch(/^[0-9a-f]{12}/),
          inTime,
        );
  });

  test('scales, updates and rolls back', async () => {
    await a.docker('service', 'scale', '-d', 'web=4');
    await vi.waitFor(async () => expect(await replicas('web')).toBe('4/4'), inTime);
    await a.docker('service', 'update', '-q', '-d', '--env-add', 'X=1', 'web');
    const env = '{{json .Spec.TaskTemplate.ContainerSpec.Env}} {{.UpdateStatus.State}}';
    await vi.waitFor(
      async () => expect(await a.docker('service', 'inspect', '-f', env, 'web')).toBe('["X=1"] completed'),
      { timeout: 60_000 },
    );
    await a.docker('service', 'rollback', '-q', '-d', 'web');
    await vi.waitFor(
      async () =>
        expect(await a.docker('service', 'inspect', '-f', env, 'web')).toBe('null rollback_completed'),
      { timeout: 60_000 },
    );
  });

  test('deploys a stack, whose tasks are found by its name', async () => {
    const file = join(a.folder, 'stack.yml');
    writeFileSync(
      file,
      'services: { front: { image: busybox, command: sleep 600, networks: [in] } }\nnetworks: { in: {} }\n',
    );
    await a.docker('stack', 'deploy', '-d', '-c', file, 'shop');
    const tasks = (): Promise<string> =>
      a.docker('stack', 'ps', '--format', '{{.Name}} {{.DesiredState}}', 'shop');
    await vi.waitFor(async () => expect(await tasks()).toBe('shop_front.1 Running'), inTime);
    await a.docker('stack', 'rm', 'shop');
    await vi.waitFor(async () => expect(await a.docker('network', 'ls')).not.toContain('shop_in'), inTime);
  });

  test('goes on when engines are killed and come back', async () => {
    const before = await Promise.all([tasksOf(a, 'web'), tasksOf(b, 'web')]);
    await a.kill();
    await b.kill();
    await a.start();
    await b.start();
    await vi.waitFor(async () => expect(await status()).toEqual(['Ready', 'Ready Leader']), inTime);
    expect(await Promise.all([tasksOf(a, 'web'), tasksOf(b, 'web')])).toEqual(before);
    expect(await b.docker('exec', 'cli', 'wget', '-qO-', 'http://web/hostname')).not.toBe('');
  });

  test('has a drained node run nothing, and leaves nothing on a node that leaves', async () => {
    const name = await b.docker('info', '-f', '{{.Swarm.NodeID}}');
    await a.docker('node', 'update', '--availability', 'drain', name);
    await vi.waitFor(async () => expect(await tasksOf(b, 'web')).toEqual([]), inTime);
    await b.docker('rm', '-f', 'cli');
    await a.docker('service', 'rm', 'web', 'pub');
    await vi.waitFor(() => a.docker('network', 'rm', 'back'), inTime);
    expect(await b.docker('swarm', 'leave')).toContain('Node left the swarm');
    expect(await b.docker('info', '-f', '{{.Swarm.LocalNodeState}}')).toBe('inactive');
    expect(b.rig.run('host', 'ip', 'link')).not.toContain('seaway-mesh');
    expect(b.rig.run('host', 'nft', 'list', 'tables')).not.toContain('seaway-mesh');
    const last = await a.tryDocker(['swarm', 'leave']);
    expect(last.stderr).toContain('Removing the last manager erases all current state');
    expect(await a.docker('swarm', 'leave', '--force')).toContain('Node left the swarm');
  });
});
