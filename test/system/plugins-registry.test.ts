/** Plugins that the engine runs, pushed to a registry and installed from it. `SEAWAY_FAULTS=all`: killed at each moment. */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
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

  describe('an engine that is killed while it fetches one', { timeout: 120_000 }, () => {
    const large = `${host}/me/large:1`;
    const every = process.env.SEAWAY_FAULTS === 'all';
    const data = (name: string): readonly string[] => {
      const folder = join(engine.folder, 'data', name);
      return existsSync(folder) ? readdirSync(folder) : [];
    };
    const signs: readonly (readonly [string, () => boolean])[] = [
      ['has begun', () => data('images').some((name) => name.startsWith('.pull-'))],
      ['unpacks it', () => data('images/layers').some((name) => name.startsWith('.tmp-'))],
      ['makes its root', () => data('roots').some((name) => !roots.includes(name))],
    ];
    let roots: readonly string[] = [];

    const killedAt = async (isThere: () => boolean, args: readonly string[]): Promise<void> => {
      roots = data('roots');
      const asked = tryDocker(['plugin', ...args]);
      await Promise.race([asked, soonest(isThere)]);
      await engine.kill();
      await asked;
      await engine.start();
      expect(data('images').filter((name) => name.startsWith('.pull-'))).toEqual([]);
      expect(data('images/layers').filter((name) => name.startsWith('.tmp-'))).toEqual([]);
    };
    const push = async (name: string): Promise<void> => {
      const folder = makePluginFolder(join(engine.folder, `plugin-${name}`));
      writeFileSync(join(folder, 'rootfs/noise'), randomBytes(8 << 20));
      await docker('plugin', 'create', large, folder);
      await docker('plugin', 'push', large);
      await docker('plugin', 'rm', large);
    };

    test.each(every ? signs : signs.slice(1, 2))(
      'leaves nothing of an installation where it %s',
      async (what, isThere) => {
        await push(`install-${what}`);
        const install = ['install', '--grant-all-permissions', '--disable', large];
        await killedAt(isThere, install);
        const name = await docker('plugin', 'ls', '--format', '{{.Name}}');
        if (name) await docker('plugin', 'rm', name);
        expect([data('plugins'), data('roots'), data('images/layers')]).toEqual([[], [], []]);
        await docker('plugin', ...install);
        await docker('plugin', 'enable', large);
        await docker('plugin', 'rm', '-f', large);
      },
    );

    test.each(every ? signs : signs.slice(2))(
      'leaves the plugin as it was, or upgraded, where it %s',
      async (what, isThere) => {
        await push(`before-${what}`);
        const granted = '--grant-all-permissions';
        await docker('plugin', 'install', granted, '--disable', '--alias', 'mine', large);
        const upgrade = ['upgrade', granted, '--skip-remote-check', 'mine', large];
        await push(`upgrade-${what}`);
        await killedAt(isThere, upgrade);
        expect(data('roots')).toHaveLength(1);
        await docker('plugin', 'enable', 'mine');
        await docker('plugin', 'disable', 'mine');
        await docker('plugin', ...upgrade);
        expect(data('roots')).toHaveLength(1);
        await docker('plugin', 'enable', 'mine');
        await docker('plugin', 'rm', '-f', 'mine');
        expect([data('plugins'), data('roots'), data('images/layers')]).toEqual([[], [], []]);
      },
    );
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

/** Looked at as often as the event loop allows. */
async function soonest(isThere: () => boolean): Promise<void> {
  while (!isThere()) await new Promise((resolve) => setImmediate(resolve));
}
