/** Plugins that the engine runs (`docker plugin`): made, enabled, killed, hanging, used, removed. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { uplink } from '../kernel/rig.ts';
import { makePluginFolder } from '../plugins/managed/folder.ts';
import { isInstalled, soon } from './commands.ts';
import { openTestEngine } from './engine.ts';
import { pluginsOf } from './plugins-of.ts';

const missing = isInstalled('docker') ? '' : ' (skipped: docker is not installed)';

describe.skipIf(missing !== '')(`managed plugins${missing}`, () => {
  const engine = openTestEngine();
  const plugins = pluginsOf(engine);
  const { docker, refused, make, inspect, home, sockets, ask, pidOf, nothingLeft } = plugins;
  afterEach(plugins.clear);

  test('one is made from a folder, enabled, set and removed', async () => {
    const folder = await make('me/vol');
    expect(await refused('plugin', 'create', 'me/vol', folder)).toBe('plugin me/vol:latest already exists');
    const shown = '{{.Name}} {{.Description}} {{.Enabled}}';
    expect(await docker('plugin', 'ls', '--format', shown)).toBe('me/vol:latest Volumes in memory false');
    await docker('plugin', 'enable', 'me/vol');
    expect(await docker('plugin', 'ls', '--filter', 'enabled=true', '--format', shown)).toContain('true');
    expect(await docker('plugin', 'ls', '--filter', 'capability=networkdriver', '-q')).toBe('');
    expect(await docker('info', '-f', '{{.Plugins.Volume}}')).toBe('[local me/vol:latest]');
    expect(await refused('plugin', 'enable', 'me/vol')).toBe(
      'plugin already enabled: plugin me/vol:latest is enabled',
    );
    expect(await refused('plugin', 'set', 'me/vol', 'GREETING=x')).toBe(
      'cannot set on an active plugin, disable plugin before setting',
    );
    expect(await refused('plugin', 'rm', 'me/vol')).toBe('plugin me/vol:latest is enabled');
    await docker('plugin', 'disable', 'me/vol');
    await docker('plugin', 'set', 'me/vol', 'GREETING=hi there', 'args=c d');
    await docker('plugin', 'enable', 'me/vol');
    expect(await ask('Test.Describe')).toMatchObject({ args: ['c', 'd'], env: { GREETING: 'hi there' } });
    await expect.poll(() => engine.log()).toContain('the plugin says hi there plugin=me/vol:latest');
    await docker('plugin', 'disable', 'me/vol');
    await docker('plugin', 'rm', 'me/vol');
    await nothingLeft();
    const until = String(Math.floor(Date.now() / 1000) + 1);
    const events = ['events', '--since', '60s', '--until', until, '--filter', 'type=plugin'];
    expect(await docker(...events, '--format', '{{.Action}} {{.Actor.Attributes.name}}')).toBe(
      'create me/vol:latest\nenable me/vol\ndisable me/vol\nenable me/vol\ndisable me/vol\nremove me/vol',
    );
  });

  test('the same by seaway', async () => {
    const seaway = engine.seaway.bind(engine);
    const folder = makePluginFolder(join(engine.folder, 'plugin-seaway'));
    expect(await seaway('plugin', 'create', '--compress', 'me/vol', folder)).toBe('me/vol');
    expect(await seaway('plugin', 'set', 'me/vol', 'GREETING=hi')).toBe('');
    expect(await seaway('plugin', 'enable', 'me/vol')).toBe('me/vol');
    const format = '{{.Enabled}} {{index .Settings.Env 0}}';
    expect(await seaway('plugin', 'inspect', '-f', format, 'me/vol')).toBe('true GREETING=hi');
    expect(await seaway('plugin', 'disable', 'me/vol')).toBe('me/vol');
    expect(await seaway('plugin', 'rm', 'me/vol')).toBe('me/vol');
  });

  test('it runs with what its configuration asks for', async () => {
    await make('plain');
    await docker('plugin', 'enable', 'plain');
    const plain = (await ask('Test.Describe')) as Record<string, string>;
    // 21 is CAP_SYS_ADMIN
    const effective = BigInt(`0x${/CapEff:\s*(\w+)/.exec(plain.status ?? '')?.[1]}`);
    expect((effective >> 21n) & 1n).toBe(1n);
    expect(plain.links).toMatch(/^\s*lo:/m);
    expect(plain.links).not.toContain('up0');
    expect(plain).toMatchObject({ pid: 1, uid: 0, cwd: '/tmp', args: ['a', 'b'] });
    expect(plain.mounts).toMatch(/ \/data rw.* shared:/);
    await docker('plugin', 'disable', 'plain');
    const other = { user: { uid: 1234, gid: 5678 }, network: { type: 'host' }, pidHost: true };
    await make('other', { ...other, propagatedMount: '', linux: { allowAllDevices: true } });
    await docker('plugin', 'enable', 'other');
    const { status = '', ...given } = (await ask('Test.Describe')) as Record<string, string>;
    expect(given).toMatchObject({ uid: 1234 });
    expect(given.pid).not.toBe(1);
    expect(given.links).toContain(uplink.name);
    expect(status).toMatch(/^CapEff:\s*0+$/m);
  });

  test('what it mounts below the folder that it propagates is seen by the host, until it is disabled', async () => {
    await make('me/vol');
    await docker('plugin', 'enable', 'me/vol');
    await ask('VolumeDriver.Create', { Name: 'v' });
    expect(await ask('VolumeDriver.Mount', { Name: 'v' })).toEqual({ Mountpoint: '/data/volumes/v' });
    const there = join(await home('me/vol'), 'propagated-mount/volumes/v');
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).toContain(` ${there} `);
    await docker('plugin', 'disable', 'me/vol');
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(there);
    expect(existsSync(there)).toBe(true);
  });

  test('containers use its volumes, also when all has ended meanwhile', async () => {
    await make('me/vol');
    await docker('plugin', 'enable', 'me/vol');
    await docker('volume', 'create', '-d', 'me/vol', 'files');
    expect(await docker('volume', 'inspect', '-f', '{{.Driver}} {{.Status.greeting}}', 'files')).toBe(
      'me/vol:latest hello',
    );
    const container = ['run', '-d', '--name', 'user', '--restart', 'always', '-v', 'files:/files'];
    await docker(...container, 'busybox', 'sleep', '1000');
    await docker('exec', 'user', 'sh', '-c', 'echo kept >/files/it');
    expect(await docker('run', '--rm', '-v', 'files:/other:ro', 'busybox', 'cat', '/other/it')).toBe('kept');
    for (const verb of ['disable', 'rm'])
      expect(await refused('plugin', verb, 'me/vol')).toBe('plugin me/vol:latest is in use');
    await engine.kill();
    await engine.start();
    expect(await docker('exec', 'user', 'cat', '/files/it')).toBe('kept');
    const pids = [await pidOf('me/vol'), Number(await docker('inspect', '-f', '{{.State.Pid}}', 'user'))];
    await engine.kill();
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    await engine.start();
    const running = async (): Promise<boolean> =>
      (await docker('inspect', '-f', '{{.State.Running}}', 'user')) === 'true';
    expect(await soon(running)).toBe(true);
    expect(await docker('exec', 'user', 'grep', '-c', ' /files tmpfs ', '/proc/mounts')).toBe('1');
    await docker('rm', '-f', 'user');
    await docker('volume', 'rm', 'files');
    await docker('plugin', 'disable', 'me/vol');
  });

  test('one that is removed by force while it is used leaves nothing that waits for it', async () => {
    await make('me/vol');
    await docker('plugin', 'enable', 'me/vol');
    await docker(
      'run',
      '-d',
      '--name',
      'user',
      '--volume-driver',
      'me/vol',
      '-v',
      'files:/f',
      'busybox',
      'top',
    );
    await docker('plugin', 'rm', '-f', 'me/vol');
    await docker('exec', 'user', 'touch', '/f/still');
    await docker('rm', '-f', 'user');
    await docker('volume', 'rm', '-f', 'files');
    expect(await docker('info', '-f', '{{.Warnings}}')).toBe('[]');
  });

  test('one that is killed is started again, later each time', async () => {
    await make('me/vol');
    await docker('plugin', 'enable', 'me/vol');
    for (const delay of [100, 200]) {
      const pid = await pidOf('me/vol');
      process.kill(pid, 'SIGKILL');
      await expect.poll(() => engine.log(), { timeout: 10_000 }).toContain(`exitCode=137 delay=${delay}`);
      const answers = (): Promise<boolean> =>
        ask('Plugin.Activate').then(
          () => true,
          () => false,
        );
      expect(await soon(answers)).toBe(true);
      expect(await pidOf('me/vol')).not.toBe(pid);
    }
    expect(await inspect('me/vol', '{{.Enabled}}')).toBe('true');
  });

  test('one that does not answer, or ends, or cannot be started is not enabled', async () => {
    await make('me/vol');
    await docker('plugin', 'set', 'me/vol', 'MODE=mute');
    const { status, text } = await engine.api('POST', '/plugins/me/vol/enable?timeout=1');
    expect([status, text]).toEqual([
      500,
      expect.stringMatching(/dial unix \S+\/volumes.sock: connect: no such file or directory"/),
    ]);
    expect(sockets()).toEqual([]);
    await docker('plugin', 'set', 'me/vol', 'MODE=ends');
    const untimed = await engine.api('POST', '/plugins/me/vol/enable');
    expect([untimed.status, untimed.text.trim()]).toEqual([
      500,
      '{"message":"strconv.Atoi: parsing \\"\\": invalid syntax"}',
    ]);
    expect(await refused('plugin', 'enable', 'me/vol')).toMatch(
      /^dial unix .*: connect: no such file or directory \(it has ended with exit code 3\)$/,
    );
    await docker('plugin', 'set', 'me/vol', 'MODE=', 'node.source=/nonexistent');
    expect(await refused('plugin', 'enable', 'me/vol')).toContain('/nonexistent');
    expect(await inspect('me/vol', '{{.Enabled}}')).toBe('false');
    await make('me/log', { interface: { types: ['docker.logdriver/1.0'], socket: 'volumes.sock' } });
    expect(await refused('plugin', 'enable', 'me/log')).toBe(
      'a plugin of the type docker.logdriver/1.0 is not supported by seaway',
    );
  });

  test('it outlives the engine, and is started again where it did not', async () => {
    await make('me/vol');
    await docker('plugin', 'enable', 'me/vol');
    const pid = await pidOf('me/vol');
    await engine.kill();
    await engine.start();
    expect(await ask('Plugin.Activate')).toEqual({ Implements: ['VolumeDriver'] });
    expect(await pidOf('me/vol')).toBe(pid);
    await engine.kill();
    process.kill(pid, 'SIGKILL');
    await engine.start();
    expect(
      await soon(() =>
        ask('Plugin.Activate').then(
          () => true,
          () => false,
        ),
      ),
    ).toBe(true);
    expect(await pidOf('me/vol')).not.toBe(pid);
    await docker('plugin', 'disable', 'me/vol');
  });

  test('of one whose engine was killed while it was being made nothing is left', async () => {
    const options = { socketPath: engine.socket, method: 'POST', path: '/plugins/create?name=half' };
    const making = request({ ...options, headers: { 'content-type': 'application/x-tar' } });
    making.on('error', () => undefined);
    const root = makePluginFolder(join(engine.folder, 'plugin-half'));
    const archive = execFileSync('tar', ['-C', root, '-c', 'rootfs', 'config.json']);
    making.write(archive.subarray(0, 4096));
    const begun = (): readonly string[] => readdirSync(join(engine.folder, 'data/images/layers'));
    await expect.poll(begun).toContainEqual(expect.stringMatching(/^\.tmp-/));
    await engine.kill();
    await engine.start();
    expect(begun()).not.toContainEqual(expect.stringMatching(/^\.tmp-/));
    expect(await docker('plugin', 'ls', '-q')).toBe('');
  });

  test('a network is a plugin’s by its name with or without the tag', async () => {
    await make('me/net', { interface: { types: ['docker.networkdriver/1.0'], socket: 'volumes.sock' } });
    await docker('plugin', 'enable', 'me/net');
    for (const name of ['me/net', 'me/net:latest']) {
      await docker('network', 'create', '-d', name, 'foreign');
      expect(await docker('network', 'inspect', '-f', '{{.Driver}}', 'foreign')).toBe('me/net:latest');
      expect(await refused('plugin', 'disable', 'me/net')).toBe('plugin me/net:latest is in use');
      await docker('network', 'rm', 'foreign');
    }
    expect(await docker('info', '-f', '{{.Plugins.Network}}')).toContain(' me/net:latest ');
    await docker('plugin', 'disable', 'me/net');
    expect(await refused('network', 'create', '-d', 'me/net', 'foreign')).toBe(
      'plugin me/net found but disabled',
    );
  });

  test('it gives addresses, and is told again what it gave when it has forgotten it', async () => {
    await make('me/ipam', { interface: { types: ['docker.ipamdriver/1.0'], socket: 'volumes.sock' } });
    await docker('plugin', 'enable', 'me/ipam');
    await docker('network', 'create', '--ipam-driver', 'me/ipam', 'given');
    expect(await docker('network', 'inspect', '-f', '{{.IPAM.Driver}} {{.IPAM.Config}}', 'given')).toBe(
      'me/ipam:latest [{10.66.0.0/24  10.66.0.1 map[]}]',
    );
    const address = (name: string) =>
      docker('inspect', '-f', '{{.NetworkSettings.Networks.given.IPAddress}}', name);
    const start = (name: string) =>
      docker('run', '-d', '--name', name, '--network', 'given', 'busybox', 'sleep', '1000');
    await start('one');
    expect(await address('one')).toBe('10.66.0.2');
    expect(await refused('plugin', 'disable', 'me/ipam')).toBe('plugin me/ipam:latest is in use');
    const pid = await pidOf('me/ipam');
    await engine.kill();
    process.kill(pid, 'SIGKILL');
    await engine.start();
    const used = (): Promise<object> => ask('Test.Addresses').catch(() => ({}));
    await expect.poll(used, { timeout: 20_000 }).toEqual({ pools: 1, addresses: ['10.66.0.1', '10.66.0.2'] });
    await start('two');
    expect(await address('two')).toBe('10.66.0.3');
    await docker('rm', '-f', 'one', 'two');
    await docker('network', 'rm', 'given');
    await expect.poll(used, { timeout: 20_000 }).toEqual({ pools: 0, addresses: [] });
    await docker('plugin', 'disable', 'me/ipam');
  });

  test('of one whose engine was killed while it was being enabled or removed nothing is left', async () => {
    await make('me/vol');
    await docker('plugin', 'set', 'me/vol', 'MODE=mute');
    const enabling = engine.api('POST', '/plugins/me/vol/enable?timeout=5').catch(() => undefined);
    await expect.poll(() => engine.log()).toContain('the plugin says hello');
    await engine.kill();
    await enabling;
    await engine.start();
    expect(await inspect('me/vol', '{{.Enabled}}')).toBe('false');
    expect(sockets()).toEqual([]);
    await docker('plugin', 'set', 'me/vol', 'MODE=');
    await docker('plugin', 'enable', 'me/vol');
    const removing = engine.api('DELETE', '/plugins/me/vol?force=1').catch(() => undefined);
    await engine.kill();
    await removing;
    await engine.start();
  });
});
