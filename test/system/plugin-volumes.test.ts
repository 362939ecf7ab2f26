/** Volumes of a plugin: the same calls as beside Docker, and what becomes of them when engine or plugin end. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type VolumePlugin, volumePlugin } from '../plugins/volume-plugin.ts';
import { missingDockerd, openDockerPeer } from './docker-peer.ts';
import { openTestEngine } from './engine.ts';
import type { EngineHost } from './engine-host.ts';
import { CallReader, comparable, volumeSteps } from './volume-calls.ts';

const missing = missingDockerd();
const skipped = missing === undefined ? '' : ` (skipped: ${missing})`;
const waiting = { timeout: 20_000, interval: 50 };

/** Each step makes the calls that are written beside it. */
function followSteps(engine: EngineHost, plugin: () => VolumePlugin): void {
  const reader = new CallReader();

  test.each(volumeSteps.map((step) => [step.does, step] as const))('docker %s', async (_title, step) => {
    const { status, stderr } = await engine.tryDocker(step.does.replaceAll('PLUGIN', 'vol').split(' '));
    const wanted = step.fails?.replaceAll('PLUGIN', 'vol') ?? '';
    const said = stderr.replace(/[0-9a-f]{64}/g, 'CONTAINER');
    expect([status === 0, said]).toEqual([step.fails === undefined, expect.stringContaining(wanted)]);
    const calls = plugin().server.calls.splice(0);
    expect(comparable(reader.read(calls))).toEqual(comparable(step.calls));
  });

  test('nothing is left at the plugin', () => {
    expect([...plugin().state.keys()]).toEqual([]);
  });
}

describe('volumes of a plugin', () => {
  const folder = mkdtempSync(join(tmpdir(), 'volume-plugin-'));
  const engine = openTestEngine({ flags: ['--plugin-folder', folder, '--plugin-timeout', '2'] });
  const plugin = volumePlugin({ path: join(folder, 'vol.sock'), folder: join(folder, 'files') });
  const { server, state } = plugin;
  const users = (name: string): number => state.get(name)?.mounts.size ?? -1;
  const sleeper = ['busybox', 'sleep', '1000'];
  const degraded = async (): Promise<readonly string[]> => {
    const { json } = await engine.api('GET', '/info');
    const { Degraded = [] } = json as { readonly Degraded?: readonly { readonly Subject: string }[] };
    return Degraded.map(({ Subject }) => Subject);
  };

  beforeAll(() => void server.start());
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  followSteps(engine, () => plugin);

  test("the files of a volume are the plugin's; an empty one gets what the image has", async () => {
    await engine.docker(
      'run',
      '--rm',
      '--volume-driver',
      'vol',
      '-v',
      'files:/etc',
      'busybox',
      'sh',
      '-c',
      'echo hi >/etc/new',
    );
    expect(readFileSync(join(folder, 'files/files/new'), 'utf8')).toBe('hi\n');
    expect(readFileSync(join(folder, 'files/files/passwd'), 'utf8')).toContain('root');
  });

  test('cp reaches the volume of a container that does not run, and leaves no mount', async () => {
    await engine.docker('create', '--name', 'still', '-v', 'files:/x', 'busybox');
    const file = join(engine.folder, 'given');
    writeFileSync(file, 'given\n');
    await engine.docker('cp', file, 'still:/x/given');
    expect(readFileSync(join(folder, 'files/files/given'), 'utf8')).toBe('given\n');
    expect(await engine.docker('cp', 'still:/x/new', '-')).toContain('hi');
    // what was sent has been read when the mount is taken back
    await vi.waitFor(() => expect(users('files')).toBe(0), waiting);
    await engine.docker('rm', 'still');
  });

  test('a volume that the engine was not told of is found by its name', async () => {
    plugin.make('outside');
    expect(await engine.docker('volume', 'ls', '-q', '--filter', 'driver=vol')).toBe('files\noutside');
    await engine.docker('run', '--rm', '-v', 'outside:/x', 'busybox', 'touch', '/x/found');
    expect(await engine.docker('volume', 'inspect', '-f', '{{.Driver}} {{.Status.mounts}}', 'outside')).toBe(
      'vol 0',
    );
    await engine.docker('volume', 'rm', 'outside', 'files');
    expect(state.size).toBe(0);
  });

  test('mounts go on through a restart of the engine, and are taken back at their end', async () => {
    await engine.docker(
      'run',
      '-d',
      '--name',
      'stays',
      '--volume-driver',
      'vol',
      '-v',
      'kept:/x',
      ...sleeper,
    );
    await engine.docker('run', '-d', '--name', 'ends', '-v', 'kept:/x', ...sleeper);
    const pid = await engine.docker('inspect', '-f', '{{.State.Pid}}', 'ends');
    await engine.kill();
    process.kill(Number(pid), 'SIGKILL');
    await engine.start();
    await vi.waitFor(() => expect(users('kept')).toBe(1), waiting);
    expect(await engine.docker('exec', 'stays', 'sh', '-c', 'echo on >/x/f; cat /x/f')).toBe('on');
    await engine.docker('rm', '-f', 'stays', 'ends');
    expect(users('kept')).toBe(0);
  });

  test('what a plugin that is away is to take back waits for it, and keeps nobody', async () => {
    await engine.docker('run', '-d', '--name', 'user', '-v', 'kept:/x', ...sleeper);
    await server.stop({ leave: true });
    await engine.docker('rm', '-f', 'user');
    expect(await degraded()).toEqual(['plugin vol']);
    await engine.restart();
    expect(users('kept')).toBe(1);
    await server.start();
    await vi.waitFor(() => expect(users('kept')).toBe(0), waiting);
    await vi.waitFor(async () => expect(await degraded()).toEqual([]), waiting);
  });

  test('at boot only the containers of an absent plugin wait, each with its reason, until it is there', async () => {
    const always = ['run', '-d', '--restart', 'always'];
    await engine.docker(...always, '--name', 'needs', '-v', 'kept:/x', ...sleeper);
    await engine.docker(...always, '--name', 'needs-not', ...sleeper);
    const pids = await engine.docker('inspect', '-f', '{{.State.Pid}}', 'needs', 'needs-not');
    await engine.kill();
    await server.stop();
    for (const pid of pids.split('\n')) process.kill(Number(pid), 'SIGKILL');
    await engine.start();
    const running = (): Promise<string> => engine.docker('ps', '--format', '{{.Names}}');
    await vi.waitFor(async () => expect(await running()).toBe('needs-not'), waiting);
    await vi.waitFor(async () => expect(await degraded()).toContain('container needs'), waiting);
    await server.start();
    await vi.waitFor(async () => expect((await running()).split('\n')).toHaveLength(2), waiting);
    expect(users('kept')).toBe(1);
    await engine.docker('rm', '-f', 'needs', 'needs-not');
    await engine.docker('volume', 'rm', 'kept');
  });

  test('a volume of a plugin that is gone for good is forgotten by force', async () => {
    await engine.docker('volume', 'create', '-d', 'vol', 'lost');
    await server.stop();
    const { stderr } = await engine.tryDocker(['volume', 'rm', 'lost']);
    expect(stderr).toContain(
      'error while checking if volume "lost" exists in driver "vol": plugin "vol" not found',
    );
    await engine.docker('volume', 'rm', '-f', 'lost');
    expect(await engine.docker('volume', 'ls', '-q')).toBe('');
    await server.start();
    expect(await engine.docker('volume', 'ls', '-q')).toBe('lost');
    await engine.docker('volume', 'rm', 'lost');
  });

  test('a volume without a name that the plugin may have made, or not removed, does not stay there', async () => {
    const nameless = ['run', '--rm', '--volume-driver', 'vol', '-v', '/x', 'busybox', 'true'];
    server.faults.set('VolumeDriver.Create', 'late');
    const made = await engine.tryDocker(nameless);
    expect(made.stderr).toContain('context deadline exceeded');
    await vi.waitFor(() => expect(state.size).toBe(0), waiting);
    server.faults.clear();
    server.faults.set('VolumeDriver.Remove', 'killed');
    await engine.docker(...nameless);
    expect(state.size).toBe(1);
    server.faults.clear();
    await server.start();
    await vi.waitFor(() => expect(state.size).toBe(0), waiting);
    await vi.waitFor(async () => expect(await degraded()).toEqual([]), waiting);
  });

  test.each([
    ['no path', 'relative', 'the mountpoint "relative" is no absolute path'],
    ['a path that is not there', '/no/such/mountpoint', '/no/such/mountpoint'],
  ])(
    'a plugin that answers %s keeps the container from starting, and is told of the end',
    async (_title, lie, why) => {
      const liar = volumePlugin({ path: join(folder, 'liar.sock'), folder: join(folder, 'liar'), lie });
      await liar.server.start();
      const { stderr } = await engine.tryDocker([
        'run',
        '--rm',
        '--volume-driver',
        'liar',
        '-v',
        'lie:/x',
        'busybox',
        'true',
      ]);
      expect(stderr).toContain(why);
      await vi.waitFor(() => expect(liar.state.get('lie')?.mounts.size).toBe(0), waiting);
      await engine.docker('volume', 'rm', 'lie');
      await liar.server.stop();
    },
  );

  test("prune and disk usage are for the engine's own", async () => {
    await engine.docker('volume', 'create', '-d', 'vol', 'a/b');
    expect(await engine.docker('volume', 'inspect', '-f', '{{.Name}} {{.Scope}}', 'a/b')).toBe('a/b local');
    await engine.docker('volume', 'prune', '-f', '-a');
    const { json } = await engine.api('GET', '/system/df?type=volume');
    expect(json).toMatchObject({ Volumes: [] });
    await engine.docker('volume', 'create', 'plain');
    await engine.docker('volume', 'create', '-o', 'type=tmpfs', '-o', 'device=tmpfs', 'mounted');
    const { json: later } = await engine.api('GET', '/system/df?type=volume');
    expect(later).toMatchObject({ Volumes: [{ Name: 'plain', UsageData: { Size: 0 } }] });
    await engine.docker('volume', 'rm', 'plain', 'mounted');
    expect(await engine.docker('info', '-f', '{{.Plugins.Volume}}')).toMatch(/\blocal\b.*\bvol\b/);
    await engine.docker('volume', 'rm', 'a/b');
    expect(state.size).toBe(0);
  });
});

describe.skipIf(missing !== undefined)(`volumes of a plugin of Docker${skipped}`, () => {
  const engine = openDockerPeer();
  let plugin: VolumePlugin | undefined;
  const there = (): VolumePlugin => {
    if (!plugin) throw new Error('the plugin was not started');
    return plugin;
  };

  beforeAll(async () => {
    // its folder of sockets lies in a mount namespace of its own
    const path = `/proc/${engine.pid}/root/run/docker/plugins/vol.sock`;
    plugin = volumePlugin({ path, folder: join(engine.folder, 'files') });
    await plugin.server.start();
  });
  afterAll(() => plugin?.server.stop());

  followSteps(engine, there);
});
