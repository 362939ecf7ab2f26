/** Plugins that the engine runs, pushed to a registry and installed from it. */
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { makePluginFolder } from '../plugins/managed/folder.ts';
import { openTestEngine } from './engine.ts';
import { pluginsOf } from './plugins-of.ts';
import { openTestRegistry, registryMissing } from './test-registry.ts';

describe.skipIf(registryMissing !== '')(`plugins of a registry${registryMissing}`, () => {
  const engine = openTestEngine();
  const { docker, tryDocker, clear } = pluginsOf(engine);
  afterAll(clear);
  const host = '127.0.0.1:5000';
  const remote = `${host}/me/vol:1`;
  openTestRegistry(engine, { host });

  test('one is pushed, installed with what the user grants, and upgraded with what was set', async () => {
    await docker('plugin', 'create', remote, makePluginFolder(join(engine.folder, 'plugin')));
    const pushed = await tryDocker(['plugin', 'push', remote]);
    expect([pushed.status, pushed.stderr]).toEqual([0, '']);
    expect(pushed.stdout).toContain(`The push refers to repository [${host}/me/vol]`);
    await docker('plugin', 'rm', remote);
    const declined = await tryDocker(['plugin', 'install', remote], { input: 'n\n' });
    expect(declined.stdout).toContain(
      `Plugin "${remote}" is requesting the following privileges:\n - mount: [/usr]\n`,
    );
    expect(declined.stdout).toContain(' - device: [/dev/full]\n - capabilities: [CAP_SYS_ADMIN]\n');
    expect(declined.status).not.toBe(0);
    const some = await engine.api('POST', `/plugins/pull?remote=${remote}`, {
      json: [{ Name: 'mount', Value: ['/usr'] }],
    });
    expect(some.text).toContain('"error":"incorrect privileges"');
    expect(await docker('plugin', 'ls', '-q')).toBe('');
    expect((await engine.trySeaway(['plugin', 'install', remote], { input: 'n\n' })).stdout).toBe(
      declined.stdout,
    );
    const all = ['plugin', 'install', '--grant-all-permissions', '--alias', 'mine', remote, 'GREETING=hi'];
    expect((await tryDocker(all)).stdout).toContain(`Installed plugin ${remote}`);
    const format = '{{.Name}} {{.PluginReference}} {{.Enabled}} {{index .Settings.Env 0}}';
    expect(await docker('plugin', 'inspect', '-f', format, 'mine')).toBe(
      `mine:latest ${remote} true GREETING=hi`,
    );
    const upgrade = ['plugin', 'upgrade', '--grant-all-permissions', 'mine'];
    expect((await tryDocker(upgrade)).stderr).toContain('the plugin must be disabled before upgrading');
    await docker('plugin', 'disable', 'mine');
    expect((await tryDocker(upgrade)).stdout).toContain(`Upgraded plugin mine:latest to ${remote}`);
    expect(await docker('plugin', 'inspect', '-f', '{{index .Settings.Env 0}}', 'mine')).toBe('GREETING=hi');
    await docker('plugin', 'enable', 'mine');
    await docker('plugin', 'rm', '-f', 'mine');
  });

  test('an image is no plugin, and a plugin is no image', async () => {
    await docker('image', 'inspect', 'busybox');
    await docker('tag', 'busybox', `${host}/image:1`);
    await docker('push', `${host}/image:1`);
    const install = ['plugin', 'install', '--grant-all-permissions'];
    expect((await tryDocker([...install, `${host}/image:1`])).stderr).toContain(
      `did not find plugin config for specified reference ${host}/image:1`,
    );
    expect((await tryDocker([...install, `${host}/nosuch`])).stderr).toContain(
      `error resolving plugin reference: ${host}/nosuch:latest: not found`,
    );
    expect((await tryDocker(['pull', remote])).stderr).toContain(
      'Encountered remote "application/vnd.docker.plugin.v1+json"(plugin) when fetching',
    );
  });
});
