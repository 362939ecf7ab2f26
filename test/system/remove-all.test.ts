/** `seawayd --remove-all`: what was there before the engine's first start is what there is after its last. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { networkPlugin } from '../plugins/network-plugin.ts';
import { volumePlugin } from '../plugins/volume-plugin.ts';
import { run, type Said, soon } from './commands.ts';
import { openTestEngine, projectFolder, type TestEngine } from './engine.ts';
import { machine } from './machine.ts';

const removeAll = (engine: TestEngine, ...flags: readonly string[]): Promise<Said> =>
  run(
    [
      'nsenter',
      `--net=${engine.rig.host}`,
      join(projectFolder, 'bin/seawayd'),
      ...engine.arguments(['--remove-all', ...flags]),
    ],
    { env: engine.env },
  );

/** Something of each kind that an engine makes. */
async function use(engine: TestEngine): Promise<void> {
  const { rig } = engine;
  const create = (...args: string[]): Promise<string> => engine.seaway('network', 'create', ...args);
  await create('--ipv6', 'app');
  await create('--internal', '--ipv6', 'inner');
  await create('--ipv6', '-o', 'com.docker.network.bridge.enable_icc=false', 'apart');
  await create('-o', 'com.docker.network.bridge.gateway_mode_ipv4=routed', 'routed');
  const vlan = [
    '-d',
    'macvlan',
    '-o',
    'parent=up0',
    '-o',
    'seaway.host_access=true',
    '--subnet',
    '198.51.100.0/24',
  ];
  await create(...vlan, '--ip-range', '198.51.100.64/26', 'vlan');
  await engine.seaway('volume', 'create', '--opt', 'type=tmpfs', '--opt', 'device=tmpfs', 'memory');
  const go = (...args: string[]): Promise<string> =>
    engine.seaway('run', '-d', ...args, 'busybox', 'sleep', '1000');
  await go(
    '--name',
    'web',
    '--network',
    'app',
    '-p',
    '8080:80',
    '-p',
    '127.0.0.1:8081:81',
    '-v',
    'memory:/m',
  );
  await go('--network', 'inner', '--restart', 'always');
  await go('--network', 'vlan');
  await go('--ipc', 'shareable');
  await engine.seaway('exec', '-d', 'web', 'sleep', '1000');
  await engine.seaway('create', 'busybox');
  const stranger = rig.path('stranger');
  rig.run('host', 'touch', stranger);
  rig.run('host', 'unshare', `--net=${stranger}`, 'true');
  await engine.seaway('network', 'connect', 'vlan', '--netns', stranger, '--name', 'stranger');
}

describe('seawayd --remove-all', () => {
  const engine = openTestEngine({ idle: true });
  let before: readonly string[] = [];
  let inStranger = '';

  test('is refused while the engine runs, and takes everything away once it does not', async () => {
    // the uplink's own address is first looked for at others (duplicate address detection)
    await soon(() => !machine(engine).join().includes('"tentative"'), 5_000);
    // what a network without traffic between its containers switches on
    for (const key of ['iptables', 'ip6tables'])
      engine.rig.run('host', 'sysctl', '-e', '-w', `net.bridge.bridge-nf-call-${key}=0`);
    before = machine(engine);
    await engine.start();
    await use(engine);
    inStranger = engine.rig.run(engine.rig.path('stranger'), 'ip', '-br', 'link');
    expect(inStranger).toContain('eth');
    const refused = await removeAll(engine);
    expect(refused).toMatchObject({ status: 1, stdout: '' });
    expect(refused.stderr).toBe(
      `seawayd: an engine with these settings runs (process ${engine.pid}): stop it first\n`,
    );
    await engine.stop();
    const done = await removeAll(engine);
    expect(done).toMatchObject({ status: 0, stderr: '' });
    expect(done.stdout).toMatch(
      /^removed 4 containers\nremoved \d+ network links\nremoved \d+ network namespaces\n/,
    );
    expect(engine.rig.run(engine.rig.path('stranger'), 'ip', '-br', 'link')).not.toContain('eth');
    engine.rig.run('host', 'umount', engine.rig.path('stranger'));
    engine.rig.run('host', 'rm', engine.rig.path('stranger'));
    expect(machine(engine)).toEqual(before);
    expect(await removeAll(engine)).toEqual({ status: 0, stderr: '', stdout: 'nothing was there\n' });
  });

  test('works after a crash, on a store that cannot be read', async () => {
    await engine.start();
    await engine.seaway('run', '-d', '--name', 'web', '-p', '8080:80', 'busybox', 'sleep', '1000');
    engine.rig.run('host', 'iptables', '-A', 'DOCKER-USER', '-s', '192.0.2.1', '-j', 'DROP');
    await engine.kill();
    writeFileSync(join(engine.folder, 'data/state/data.mdb'), 'no store');
    const done = await removeAll(engine);
    expect(done).toMatchObject({ status: 0 });
    expect(done.stderr).toContain(
      'cannot be read: what the engine has put into network namespaces of others',
    );
    // rules of the user stay
    expect(engine.rig.run('host', 'iptables', '-S', 'DOCKER-USER')).toContain('192.0.2.1');
    engine.rig.run('host', 'nft', 'flush', 'ruleset');
    expect(machine(engine)).toEqual(before);
  });

  test('asks plugins to take back what they gave, and goes on without one that does not answer', async () => {
    const folder = join(engine.folder, 'tmp-plugins');
    const ip = (...args: readonly string[]) => void engine.rig.run('host', 'ip', ...args);
    const [here, hung] = ['here', 'hung'].map((name, at) =>
      networkPlugin({ path: join(folder, `${name}.sock`), ip, octet: 77 + at }),
    );
    const disk = volumePlugin({ path: join(folder, 'disk.sock'), folder: join(engine.folder, 'tmp-disk') });
    const servers = [here?.server, hung?.server, disk.server];
    for (const server of servers) await server?.start();
    const flags = ['--plugin-folder', folder, '--plugin-timeout', '1'];
    await engine.start(flags);
    for (const name of ['here', 'hung']) {
      await engine.seaway('network', 'create', '-d', name, '--ipam-driver', name, `on-${name}`);
      const run = ['run', '-d', '--network', `on-${name}`, '-v', 'data:/data', '--volume-driver', 'disk'];
      await engine.seaway(...run, 'busybox', 'sleep', '1000');
    }
    await engine.stop();
    hung?.server.faults.set('NetworkDriver.Leave', 'hang');
    const done = await removeAll(engine, ...flags);
    expect(done.status).toBe(0);
    expect(done.stdout).toContain('removed what plugin here gave\n');
    expect(done.stdout).toContain('removed what plugin disk gave\n');
    expect(done.stderr).toBe(
      'seawayd: plugin hung may keep what it gave: Post "http://plugin.moby.localhost/NetworkDriver.Leave": context deadline exceeded\n',
    );
    const left = here ? Object.values(here.state).map(({ size }) => size) : [];
    expect(left).toEqual([0, 0, 0, 0, 0]);
    expect([...disk.state.values()].map(({ mounts }) => mounts.size)).toEqual([0]);
    expect(hung?.state.networks.size).toBe(1);
    for (const server of servers) await server?.stop();
    for (const { bridge } of hung?.state.networks.values() ?? []) ip('link', 'delete', bridge);
    for (const id of hung?.state.joined ?? []) ip('link', 'delete', `nh${id.slice(0, 9)}`);
    expect(machine(engine)).toEqual(before);
  });

  test('keeps the data where it is asked to', async () => {
    await engine.start();
    await engine.seaway('volume', 'create', 'kept');
    await engine.seaway('run', '--name', 'one', '-v', 'kept:/k', 'busybox', 'touch', '/k/file');
    await engine.stop();
    expect(await removeAll(engine, '--keep-data')).toMatchObject({ status: 0, stderr: '' });
    await engine.start();
    const listed = await engine.seaway('run', '--rm', '-v', 'kept:/k', 'busybox', 'ls', '/k');
    expect(listed).toBe('file');
    expect(await engine.seaway('ps', '-a', '--format', '{{.Names}}')).toBe('one');
    await engine.stop();
    expect(await removeAll(engine)).toMatchObject({ status: 0, stderr: '' });
    expect(machine(engine)).toEqual(before);
  });
});
