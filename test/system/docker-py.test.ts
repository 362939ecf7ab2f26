/** docker-py, unchanged, against the engine: what Python programs (Ansible, docker-compose 1) speak to Docker with. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { run } from './commands.ts';
import { openTestEngine, projectFolder } from './engine.ts';

/** Debian's, or what set-up unpacked beside docker-compose, which is written with it. */
const folder = 'usr/lib/python3/dist-packages';
const modules = ['/', join(projectFolder, '.cache/test-tools')]
  .map((root) => join(root, folder))
  .find((path) => existsSync(join(path, 'docker/__init__.py')));
const python = '/usr/bin/python3';
const missing = [
  ...(existsSync(python) ? [] : ['python3 is not installed']),
  ...(modules ? [] : ['docker-py is not installed']),
][0];

const script = join(projectFolder, 'test/system/docker-py/checks.py');
const names = [...readFileSync(script, 'utf8').matchAll(/^def (\w+)\(\):/gm)].map(([, name = '']) => name);

describe.skipIf(missing !== undefined)(`docker-py${missing ? ` (skipped: ${missing})` : ''}`, () => {
  const engine = openTestEngine();
  const outcome = new Map<string, string>();

  beforeAll(async () => {
    const env = { ...engine.env, PYTHONPATH: modules ?? '', PYTHONDONTWRITEBYTECODE: '1' };
    const { stdout, stderr } = await run([python, script, engine.socket], { env, timeout: 120_000 });
    for (const line of stdout.split('\n').filter((each) => each !== '')) {
      const { name, why } = JSON.parse(line) as { name: string; why: string };
      outcome.set(name, why);
    }
    if (outcome.size === 0) throw new Error(stderr);
  }, 130_000);

  test.each(names)('%s', (name) => {
    expect(outcome.get(name)).toBe('');
  });
});
