/** A registry on the loopback of the engine's host: Debian's docker-registry. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { soon } from './commands.ts';
import type { TestEngine } from './engine.ts';

const isInstalled = (program: string): boolean =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));

/** What a test with a registry needs and is not there: ` (skipped: NAME is not installed)`, else ''. */
export const registryMissing = ['docker-registry', 'skopeo', 'docker']
  .filter((program) => !isInstalled(program))
  .map((program) => ` (skipped: ${program} is not installed)`)
  .join('');

/** Start it before the tests, and end it after them. `users` are lines of htpasswd; without, it asks nobody. */
export function openTestRegistry(engine: TestEngine, options: { host: string; users?: string }): void {
  const { host, users } = options;
  let registry: ChildProcess | undefined;
  beforeAll(async () => {
    const folder = join(engine.folder, 'registry');
    mkdirSync(folder);
    const config = [
      'version: 0.1',
      `storage: {filesystem: {rootdirectory: ${folder}/data}}`,
      `http: {addr: "${host}"}`,
      ...(users === undefined ? [] : [`auth: {htpasswd: {realm: test, path: ${folder}/users}}`]),
    ];
    writeFileSync(join(folder, 'users'), users ?? '');
    writeFileSync(join(folder, 'config.yml'), config.join('\n'));
    const command = ['docker-registry', 'serve', join(folder, 'config.yml')];
    registry = spawn('nsenter', [`--net=${engine.rig.host}`, ...command], { stdio: 'ignore' });
    const answers = async (): Promise<boolean> =>
      (await engine.page('host', `http://${host}/v2/`)) !== 'ECONNREFUSED';
    if (!(await soon(answers))) throw new Error('the registry does not answer');
  });
  afterAll(() => void registry?.kill('SIGKILL'));
}
