/** Managed plugins of a test's engine: made, asked, looked at, and cleared away. */
import { readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { expect } from 'vitest';
import { makePluginFolder } from '../plugins/managed/folder.ts';
import { type RunOptions, run, type Said } from './commands.ts';
import type { TestEngine } from './engine.ts';

export function pluginsOf(engine: TestEngine) {
  const docker = (...args: readonly string[]): Promise<string> => engine.docker(...args);
  const tryDocker = (args: readonly string[], options: RunOptions = {}): Promise<Said> =>
    run(['docker', ...args], { env: engine.env, ...options });
  const refused = async (...args: readonly string[]): Promise<string> => {
    const { status, stderr } = await tryDocker(args);
    expect(status).toBe(1);
    return stderr.trim().replace('Error response from daemon: ', '');
  };
  let folders = 0;
  /** Answers with the folder that it was made from. */
  const make = async (name: string, changes: object = {}): Promise<string> => {
    folders += 1;
    const folder = makePluginFolder(join(engine.folder, `plugin-${folders}`), changes);
    await docker('plugin', 'create', name, folder);
    return folder;
  };
  const inspect = async (name: string, format: string): Promise<string> =>
    docker('plugin', 'inspect', '-f', format, name);
  const home = async (name: string): Promise<string> =>
    join(engine.folder, 'data/plugins', await inspect(name, '{{.Id}}'));
  const sockets = (): readonly string[] =>
    readdirSync(join(engine.folder, 'run/plugins')).map((id) =>
      join(engine.folder, 'run/plugins', id, 'volumes.sock'),
    );
  /** Ask the only plugin that runs. */
  const ask = (method: string, body: object = {}): Promise<Record<string, unknown>> =>
    new Promise((resolve, reject) => {
      const [socketPath = ''] = sockets();
      const asked = request({ socketPath, method: 'POST', path: `/${method}` }, (answer) => {
        let text = '';
        answer.on('data', (data) => {
          text += data;
        });
        answer.on('end', () => resolve(JSON.parse(text) as Record<string, unknown>));
      });
      asked.on('error', reject).end(JSON.stringify(body));
    });
  const pidOf = async (name: string): Promise<number> => {
    const id = await inspect(name, '{{.Id}}');
    return Number(readFileSync(join(engine.folder, 'run/bundles', id, 'pidfile'), 'utf8'));
  };
  const nothingLeft = async (): Promise<void> => {
    const here = (name: string): string => join(engine.folder, name);
    const layers = (await docker('image', 'ls', '-q')) === '' ? ['data/images/layers'] : [];
    for (const name of ['data/plugins', 'data/roots', 'run/plugins', 'run/bundles', ...layers])
      expect([name, readdirSync(here(name))]).toEqual([name, []]);
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(here('data/'));
  };
  const linesOf = async (...args: readonly string[]): Promise<readonly string[]> =>
    (await docker(...args)).split('\n').filter((line) => line !== '');
  /** Containers, volumes and plugins go; nothing of them may be left. */
  const clear = async (): Promise<void> => {
    if (!engine.isRunning) await engine.start();
    for (const name of await linesOf('ps', '-aq')) await docker('rm', '-f', name);
    for (const name of await linesOf('volume', 'ls', '-q')) await docker('volume', 'rm', '-f', name);
    for (const name of await linesOf('plugin', 'ls', '-q')) await docker('plugin', 'rm', '-f', name);
    await nothingLeft();
  };
  return { docker, tryDocker, refused, make, inspect, home, sockets, ask, pidOf, nothingLeft, clear };
}
