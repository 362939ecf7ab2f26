/** Compose, unchanged, against the engine: `docker compose`, or docker-compose where only that is there. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isInstalled, run, succeed } from './commands.ts';
import { openTestEngine, projectFolder } from './engine.ts';

const programs = [['docker', 'compose'], ['docker-compose']];
const program = programs.find(([name = '', ...verb]) => isInstalled(name, ...verb, 'version'));
const reason = program ? '' : ' (skipped: neither docker compose nor docker-compose is installed)';

describe.skipIf(reason !== '')(`a Compose file${reason}`, () => {
  const engine = openTestEngine();
  const file = join(projectFolder, 'test/system/compose/compose.yaml');
  const command = (args: readonly string[]): readonly string[] => [
    ...(program ?? []),
    '-p',
    'pro',
    '-f',
    file,
    ...args,
  ];
  const options = { env: engine.env, timeout: 100_000 };
  const compose = (...args: readonly string[]): Promise<string> => succeed(command(args), options);

  test('comes up in the order of its conditions, with three of one service', async () => {
    await compose('up', '-d', '--scale', 'worker=3');
    const names = await engine.seaway('ps', '--format', '{{.Label "com.docker.compose.service"}} {{.State}}');
    expect(names.split('\n').toSorted()).toEqual([
      'store running',
      'web running',
      'worker running',
      'worker running',
      'worker running',
    ]);
    const networks = await engine.seaway(
      'network',
      'ls',
      '--filter',
      'label=com.docker.compose.project=pro',
      '-q',
    );
    expect(networks.split('\n')).toHaveLength(2);
  });

  test('ps and logs show its services', async () => {
    const listed = await compose('ps');
    expect(listed).toMatch(/web.*8085->80\/tcp/);
    expect(listed).toMatch(/\(healthy\)/);
    expect((await compose('logs', '--no-color', 'worker')).match(/worker [0-9a-f]{12} is up/g)).toHaveLength(
      3,
    );
  });

  test('its published port answers with what another service put into the volume', async () => {
    expect(await engine.page('outside', 'http://198.51.100.2:8085/')).toBe('from the store');
  });

  test('exec runs in a service, which finds the others by name, by alias, and all three of one', async () => {
    expect(await compose('exec', '-T', 'worker', 'sh', '-c', 'echo $WORD')).toBe('work');
    const lookup = (name: string): Promise<string> =>
      compose('exec', '-T', 'web', 'nslookup', '-type=a', name);
    expect(await lookup('store')).toMatch(/Address: \d+\.\d+\.\d+\.\d+$/m);
    expect(await lookup('database')).toMatch(/Address: \d+\.\d+\.\d+\.\d+$/m);
    expect((await lookup('worker')).match(/^Address: [\d.]+$/gm)).toHaveLength(3);
    const status = async (...args: string[]) => (await run(command(['exec', '-T', ...args]), options)).status;
    expect(await status('worker', 'sh', '-c', 'exit 7')).toBe(7);
    // the internal network has no way out
    expect(await status('worker', 'ping', '-c1', '-W1', '198.51.100.1')).not.toBe(0);
    expect(await status('web', 'ping', '-c1', '-W1', '198.51.100.1')).toBe(0);
  });

  test('up again changes nothing, scale takes some away', async () => {
    const before = await engine.seaway('ps', '-q', '--no-trunc');
    await compose('up', '-d', '--scale', 'worker=3');
    expect(await engine.seaway('ps', '-q', '--no-trunc')).toBe(before);
    await compose('up', '-d', '--scale', 'worker=1');
    expect((await engine.seaway('ps', '-q')).split('\n')).toHaveLength(3);
  });

  test('down -v takes all of it away', async () => {
    await compose('down', '-v', '-t', '1');
    expect(await engine.seaway('ps', '-aq')).toBe('');
    expect(await engine.seaway('volume', 'ls', '-q')).toBe('');
    expect(await engine.seaway('network', 'ls', '-q', '--filter', 'type=custom')).toBe('');
  });
});
