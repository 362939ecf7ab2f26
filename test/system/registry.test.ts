/** A real registry on the engine's loopback (Debian: docker-registry), with users: sign in, push, pull. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { etcdProgram } from '../kernel/kv/etcd-server.ts';
import { titleOf } from '../kernel/kv/server.ts';
import { type RunOptions, run, type Said, soon } from './commands.ts';
import { openTestEngine } from './engine.ts';
import { openTestRegistry, registryMissing } from './test-registry.ts';

/** Of a process that may have ended. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

describe.skipIf(registryMissing !== '')(`a registry${registryMissing}`, () => {
  const engine = openTestEngine();
  const host = '127.0.0.1:5000';
  const app = `${host}/some/app`;
  // The password is `allmine`; its hash is that of Go's bcrypt tests.
  const users = 'somebody:$2a$10$XajjQvNhvvRt5GSeFk1xFeyqRrsxkhBkUiQeg0dt.wU1qD4aFDcga\n';
  openTestRegistry(engine, { host, users });

  const docker = (args: readonly string[], options: RunOptions = {}): Promise<Said> =>
    run(['docker', ...args], { env: engine.env, ...options });
  const signIn = (password: string): Promise<Said> =>
    docker(['login', '-u', 'somebody', '--password-stdin', host], { input: password });

  beforeAll(async () => {
    // the built-in image appears when it is asked for
    await engine.docker('image', 'inspect', 'busybox');
    for (const tag of ['1', '2']) await engine.docker('tag', 'busybox', `${app}:${tag}`);
  });

  test('takes nobody in with a wrong password', async () => {
    const { status, stderr } = await signIn('wrong');
    expect(status).toBe(1);
    expect(stderr).toContain(`login attempt to http://${host}/v2/ failed with status: 401 Unauthorized`);
    const { stderr: denied } = await docker(['push', `${app}:1`]);
    expect(denied).toContain('unauthorized');
  });

  test('gets an image from who has signed in, with its layers told', async () => {
    expect((await signIn('allmine')).stdout).toContain('Login Succeeded');
    const { status, stdout, stderr } = await docker(['push', `${app}:1`]);
    expect([status, stderr]).toEqual([0, '']);
    const lines = stdout.split('\n');
    expect(lines[0]).toBe(`The push refers to repository [${app}]`);
    expect(lines).toContainEqual(expect.stringMatching(/^[0-9a-f]{12}: Preparing$/));
    expect(lines).toContainEqual(expect.stringMatching(/^[0-9a-f]{12}: Pushed$/));
    expect(lines).toContainEqual(expect.stringMatching(/^1: digest: sha256:[0-9a-f]{64} size: \d+$/));
    const digest = /sha256:[0-9a-f]{64}/.exec(stdout)?.[0];
    const digests = await engine.docker('image', 'inspect', '-f', '{{json .RepoDigests}}', `${app}:1`);
    expect(JSON.parse(digests)).toEqual([`${app}@${digest}`]);
    const until = String(Math.floor(Date.now() / 1000) + 2);
    const told = await engine.docker(
      'events',
      '--since',
      '60s',
      '--until',
      until,
      '--filter',
      'event=push',
      '--format',
      '{{.Actor.ID}} {{.Actor.Attributes.name}}',
    );
    expect(told).toBe(`${app}:1 ${app}`);
  });

  test('gets all tags of a repository', async () => {
    const { stdout } = await docker(['push', '--all-tags', app]);
    expect(stdout.match(/^[12]: digest: /gm)).toEqual(['1: digest: ', '2: digest: ']);
  });

  test('gives the image back to who has signed in, and to nobody else', async () => {
    const id = await engine.docker('image', 'inspect', '-f', '{{.Id}}', `${app}:1`);
    await engine.docker('rmi', `${app}:1`, `${app}:2`, 'busybox');
    await engine.docker('pull', `${app}:2`);
    expect(await engine.docker('image', 'inspect', '-f', '{{.Id}}', `${app}:2`)).toBe(id);
    expect(await engine.docker('run', '--rm', `${app}:2`, 'echo', 'it runs')).toBe('it runs');
    await engine.docker('logout', host);
    const { status, stderr } = await docker(['pull', `${app}:1`]);
    expect(status).toBe(1);
    expect(stderr).toContain('unauthorized');
  });

  test('tells what it has by a name, in the words of Docker', async () => {
    const auth = (password: string): string =>
      Buffer.from(JSON.stringify({ username: 'somebody', password })).toString('base64url');
    const look = async (name: string, password = 'allmine') => {
      const headers: Record<string, string> = password === '' ? {} : { 'X-Registry-Auth': auth(password) };
      const { status, json, message } = await engine.api('GET', `/distribution/${name}/json`, { headers });
      return status === 200 ? json : [status, message];
    };
    const [pinned = ''] = JSON.parse(
      await engine.docker('image', 'inspect', '-f', '{{json .RepoDigests}}', `${app}:2`),
    );
    const told = {
      Descriptor: {
        mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
        digest: pinned.split('@')[1],
        size: expect.any(Number),
      },
      Platforms: [{ architecture: expect.stringMatching(/^a/), os: 'linux' }],
    };
    expect([await look(`${app}:2`), await look(pinned)]).toEqual([told, told]);
    expect(await look(app)).toEqual([404, 'manifest unknown: manifest unknown']);
    expect(await look(`${host}/none:1`)).toEqual([404, 'manifest unknown: manifest unknown']);
    expect(await look(`${app}:1`, 'wrong')).toEqual([401, 'unauthorized: authentication required']);
    const head = `Head "http://${host}/v2/some/app/manifests/1"`;
    expect(await look(`${app}:1`, '')).toEqual([500, `${head}: no basic auth credentials`]);
    expect(await look('127.0.0.1:9/app')).toEqual([
      500,
      'Get "http://127.0.0.1:9/v2/": dial tcp 127.0.0.1:9: connect: connection refused',
    ]);
    // nobody there has this address
    const begin = performance.now();
    expect(await look('198.51.100.77:5000/app')).toEqual([
      500,
      'Get "https://198.51.100.77:5000/v2/": context deadline exceeded',
    ]);
    expect(performance.now() - begin).toBeLessThan(10_000);
    expect(await look('a'.repeat(64))).toEqual([500, 'no manifest found for full image ID']);
  });

  test.skipIf(!etcdProgram)(titleOf('gives tasks the image of their service', etcdProgram), async () => {
    await signIn('allmine');
    await engine.docker('swarm', 'init', '--advertise-addr', '198.51.100.2');
    await engine.docker('rmi', '-f', `${app}:2`);
    const create = ['service', 'create', '-q', '-d', '--restart-condition', 'none'];
    await engine.docker(...create, '--name', 'known', '--with-registry-auth', `${app}:2`, 'sleep', '600');
    const stderr = (await docker([...create, '--name', 'unknown', `${host}/none:1`])).stderr;
    expect(stderr).toContain(`image ${host}/none:1 could not be accessed on a registry`);
    const stateOf = (name: string): Promise<string> =>
      engine.docker('service', 'ps', '--no-trunc', '--format', '{{.CurrentState}} {{.Error}}', name);
    const inTime = { timeout: 60_000, interval: 200 };
    await vi.waitFor(async () => expect(await stateOf('known')).toMatch(/^Running/), inTime);
    await vi.waitFor(async () => expect(await stateOf('unknown')).toContain('No such image'), inTime);
    const image = await engine.docker(
      ...['service', 'inspect', '-f', '{{.Spec.TaskTemplate.ContainerSpec.Image}}', 'known'],
    );
    expect(image).toMatch(new RegExp(`^${app}:2@sha256:[0-9a-f]{64}$`));
    expect(await engine.docker('service', 'inspect', 'known')).not.toContain('PullOptions');
    // what the next test looks for would be in the state of the swarm
    const { stdout } = await run(['grep', '-rlE', 'allmine|YWxsbWluZQ', engine.folder]);
    expect(stdout.split('\n').filter((path) => path !== '' && !path.includes('/client/'))).toEqual([]);
    await engine.docker('swarm', 'leave', '--force');
    await engine.tryDocker(['network', 'rm', 'docker_gwbridge']);
    await engine.docker('pull', '-q', `${app}:2`);
    await engine.docker('logout', host);
  });

  test('is left alone once the client that pulls from it has gone', async () => {
    const listener =
      "require('node:net').createServer(() => {}).listen(5001, '127.0.0.1', () => console.log('listens'))";
    const silent = spawn('nsenter', [`--net=${engine.rig.host}`, process.execPath, '-e', listener]);
    const isAsked = (): boolean =>
      globSync('/proc/[0-9]*/cmdline').some((path) => textOf(path).includes('docker://127.0.0.1:5001/never'));
    try {
      await once(silent.stdout, 'data');
      for (const verb of ['pull', 'plugin install --grant-all-permissions']) {
        const client = spawn('docker', [...verb.split(' '), '127.0.0.1:5001/never'], {
          env: { ...process.env, ...engine.env },
        });
        expect(await soon(isAsked, 20_000), verb).toBe(true);
        client.kill('SIGKILL');
        expect(await soon(() => !isAsked(), 20_000), verb).toBe(true);
      }
    } finally {
      silent.kill('SIGKILL');
    }
  });

  test('is signed in to, pushed to and left by seaway as by docker', async () => {
    const config = join(engine.folder, 'client/config.json');
    writeFileSync(config, JSON.stringify({ psFormat: '{{.Names}}' }));
    const wrong = await engine.trySeaway(['login', '-u', 'somebody', '--password-stdin', host], {
      input: 'no',
    });
    expect([wrong.status, wrong.stderr]).toEqual([
      1,
      `Error response from daemon: login attempt to http://${host}/v2/ failed with status: 401 Unauthorized\n`,
    ]);
    const signed = await engine.trySeaway(['login', '-u', 'somebody', '--password-stdin', host], {
      input: 'allmine\n',
    });
    expect([signed.status, signed.stdout]).toEqual([0, 'Login Succeeded\n']);
    expect(signed.stderr).toContain(`Your credentials are stored unencrypted in '${config}'`);
    expect(statSync(config).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(config, 'utf8'))).toEqual({
      psFormat: '{{.Names}}',
      auths: { [host]: { auth: Buffer.from('somebody:allmine').toString('base64') } },
    });
    await engine.seaway('tag', `${app}:2`, `${app}:latest`);
    const pushed = (await engine.seaway('push', app)).split('\n');
    expect(pushed[0]).toBe('Using default tag: latest');
    expect(pushed[1]).toBe(`The push refers to repository [${app}]`);
    expect(pushed.at(-1)).toMatch(/^latest: digest: sha256:[0-9a-f]{64} size: \d+$/);
    expect(await engine.seaway('push', '-q', app)).toBe(`${app}:latest`);
    // docker finds what seaway keeps
    expect(await engine.docker('pull', '-q', `${app}:latest`)).toBe(`${app}:latest`);
    expect(await engine.seaway('logout', host)).toBe(`Removing login credentials for ${host}`);
    expect(await engine.seaway('logout', host)).toBe(`Not logged in to ${host}`);
    const left = await engine.trySeaway(['push', app]);
    expect([left.status, left.stderr]).toEqual([1, 'unauthorized: authentication required\n']);
  });

  test('is signed in to with a credential helper, which alone knows the password', async () => {
    const folder = join(engine.folder, 'helper');
    mkdirSync(folder);
    // the protocol of docker-credential-helpers, with a file for a key ring
    const program = `#!/bin/sh
      case $1 in
        store) cat >${folder}/secret ;;
        get) cat ${folder}/secret 2>/dev/null || { echo "credentials not found"; exit 1; } ;;
        erase) rm ${folder}/secret ;;
      esac`;
    writeFileSync(join(folder, 'docker-credential-filed'), program, { mode: 0o755 });
    const config = join(engine.folder, 'client/config.json');
    writeFileSync(config, JSON.stringify({ credsStore: 'filed' }));
    const env = { ...engine.env, PATH: `${folder}:${process.env.PATH}` };
    const login = ['login', '-u', 'somebody', '--password-stdin', host];
    const signed = await engine.trySeaway(login, { env, input: 'allmine' });
    expect([signed.stdout, signed.stderr]).toEqual(['Login Succeeded\n', '']);
    expect(readFileSync(config, 'utf8')).not.toMatch(/allmine|YWxsbWluZ/);
    expect((await engine.trySeaway(['push', '-q', app], { env })).status).toBe(0);
    expect((await engine.trySeaway(['logout', host], { env })).status).toBe(0);
    expect((await engine.trySeaway(['push', '-q', app], { env })).status).toBe(1);
  });

  test('is not asked for what is not there to be pushed', async () => {
    const push = async (name: string): Promise<string> => (await docker(['push', name])).stderr.trim();
    expect(await push(`${app}:9`)).toBe(`tag does not exist: ${app}:9`);
    expect(await push(`${host}/other:1`)).toBe(`An image does not exist locally with the tag: ${host}/other`);
    const token = Buffer.from(JSON.stringify({ identitytoken: 'x' })).toString('base64url');
    const path = `/images/${encodeURIComponent(app)}/push?tag=2`;
    const answer = await engine.api('POST', path, { headers: { 'X-Registry-Auth': token } });
    expect([answer.status, answer.message]).toEqual([
      501,
      'signing in to a registry with a token is not supported by seaway',
    ]);
  });

  test('that is not there is told by the address that was asked', async () => {
    const json = { username: 'a', password: 'b', serveraddress: '127.0.0.1:9' };
    const answer = await engine.api('POST', '/auth', { json });
    expect(answer.status).toBe(500);
    expect(answer.message).toMatch(/^Get "http:\/\/127\.0\.0\.1:9\/v2\/": .*connection refused/);
    const odd = await engine.api('POST', '/auth', { json: { ...json, serveraddress: '--help' } });
    expect([odd.status, odd.message]).toEqual([400, 'invalid registry address "--help"']);
  });

  test('leaves nothing of a push or of credentials in the engine', async () => {
    const { stdout } = await run([
      'grep',
      '-rlE',
      'allmine|YWxsbWluZQ',
      join(engine.folder, 'data'),
      join(engine.folder, 'run'),
    ]);
    expect(stdout).toBe('');
    const { stdout: left } = await run([
      'find',
      join(engine.folder, 'data/images'),
      '-maxdepth',
      '1',
      '-name',
      '.*',
    ]);
    expect(left).toBe('');
  });
});
