/** Testcontainers for Node, unchanged, against the engine: what test suites of others start containers with. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import {
  DockerComposeEnvironment,
  GenericContainer,
  Network,
  type StartedTestContainer,
  Wait,
} from 'testcontainers';
import { describe, expect, test } from 'vitest';
import { isInstalled, soon, succeed } from './commands.ts';
import { openTestEngine, projectFolder } from './engine.ts';
import { stayInside } from './stay-inside.ts';

const engine = openTestEngine();
stayInside(engine.rig.host);

// Its reaper is an image that only a registry has; without it, as here, a test ends what it started.
Object.assign(process.env, engine.env, { TESTCONTAINERS_RYUK_DISABLED: 'true' });

const web = (): GenericContainer =>
  new GenericContainer('busybox')
    .withCommand(['sh', '-c', 'echo "it is up" && exec httpd -f -p 80 -h /www'])
    .withCopyContentToContainer([{ content: 'a page', target: '/www/index.html' }])
    .withExposedPorts(80);

const pageOf = (container: StartedTestContainer): Promise<string> =>
  fetch(`http://${container.getHost()}:${container.getMappedPort(80)}/`).then((answer) => answer.text());

const idle = (): GenericContainer => new GenericContainer('busybox').withCommand(['sleep', '1000']);

const isGone = async (id: string): Promise<boolean> =>
  (await engine.api('GET', `/containers/${id}/json`)).status === 404;

describe('waiting until a container is ready', () => {
  test('for a published port, which is what it does unless asked otherwise', async () => {
    await using container = await web().start();
    expect(await pageOf(container)).toBe('a page');
  });

  test.each([
    ['a line of its log', Wait.forLogMessage(/it is up/)],
    ['an answer by HTTP', Wait.forHttp('/', 80).forResponsePredicate((page) => page === 'a page')],
    ['a command inside', Wait.forSuccessfulCommand('test -f /www/index.html')],
    ['several of these', Wait.forAll([Wait.forListeningPorts(), Wait.forLogMessage('it is up')])],
  ])('for %s', async (_, strategy) => {
    await using container = await web().withWaitStrategy(strategy).start();
    expect(await pageOf(container)).toBe('a page');
  });

  test('for its health check, and not for one that fails', async () => {
    const withCheck = (command: string): GenericContainer =>
      idle()
        .withHealthCheck({ test: ['CMD-SHELL', command], interval: 200, timeout: 2000, retries: 2 })
        .withWaitStrategy(Wait.forHealthCheck());
    await using container = await withCheck('test -f /etc/hosts').start();
    const { json } = await engine.api('GET', `/containers/${container.getId()}/json`);
    expect(json).toMatchObject({ State: { Health: { Status: 'healthy' } } });
    await expect(withCheck('false').start()).rejects.toThrow('Health check failed: unhealthy');
  });

  test('for the end of one that does its work and ends', async () => {
    const worker = (status: number): GenericContainer =>
      new GenericContainer('busybox')
        .withCommand(['sh', '-c', `echo worked; exit ${status}`])
        .withWaitStrategy(Wait.forOneShotStartup());
    await using container = await worker(0).start();
    expect(await text(await container.logs())).toBe('worked\n');
    await expect(worker(3).start()).rejects.toThrow();
  });

  test('and gives up on one that is late', async () => {
    const late = idle().withStartupTimeout(500).withWaitStrategy(Wait.forLogMessage('never'));
    await expect(late.start()).rejects.toThrow(/not received after 500ms/);
  });
});

describe('a running container', () => {
  test('gives the output, the error output and the status of what is executed in it', async () => {
    await using container = await idle().withEnvironment({ WORD: 'set' }).withWorkingDir('/tmp').start();
    const command = ['sh', '-c', 'echo $WORD $MORE $PWD $(id -u); echo oops >&2; exit 7'];
    const options = { env: { MORE: 'too' }, workingDir: '/bin', user: '1000' };
    expect(await container.exec(command, options)).toMatchObject({
      stdout: 'set too /bin 1000\n',
      stderr: 'oops\n',
      exitCode: 7,
    });
  });

  test('takes files, folders, content and archives, and gives them back', async () => {
    const folder = join(engine.folder, 'to-copy');
    mkdirSync(join(folder, 'deep'), { recursive: true });
    writeFileSync(join(folder, 'deep/file'), 'from a folder');
    await using container = await idle()
      .withCopyFilesToContainer([{ source: join(folder, 'deep/file'), target: '/one', mode: 0o640 }])
      .start();
    await container.copyDirectoriesToContainer([{ source: folder, target: '/many' }]);
    await container.copyContentToContainer([{ content: 'written', target: '/some/where/else' }]);
    const { stdout } = await container.exec([
      ...['sh', '-c', 'stat -c %a /one; cat /one /many/deep/file /some/where/else'],
    ]);
    expect(stdout).toBe('640\nfrom a folderfrom a folderwritten');
    const archive = await buffer(await container.copyArchiveFromContainer('/many'));
    expect(await succeed(['tar', '-xO', 'many/deep/file'], { input: archive })).toBe('from a folder');
  });

  test('has binds, tmpfs, limits and its own name', async () => {
    const source = join(engine.folder, 'bound');
    mkdirSync(source);
    writeFileSync(join(source, 'file'), 'bound');
    await using container = await idle()
      .withBindMounts([{ source, target: '/bound', mode: 'ro' }])
      .withTmpFs({ '/scratch': 'rw,size=1m' })
      .withUlimits({ nofile: { soft: 100, hard: 100 } })
      .withResourcesQuota({ memory: 0.25, cpu: 0.5 })
      .withSharedMemorySize(2 ** 20)
      .withUser('1000:1000')
      .withHostname('own-name')
      .withLabels({ of: 'testcontainers' })
      .start();
    const { stdout } = await container.exec([
      ...[
        'sh',
        '-c',
        'cat /bound/file; echo; ulimit -n; hostname; id -u; df -k /scratch /dev/shm | grep -c " 1024 "',
      ],
    ]);
    expect(stdout.split('\n')).toEqual(['bound', '100', 'own-name', '1000', '2', '']);
    expect((await container.exec(['touch', '/bound/new'])).exitCode).not.toBe(0);
    expect(container.getLabels()).toMatchObject({ of: 'testcontainers' });
    const { json } = await engine.api('GET', `/containers/${container.getId()}/json`);
    expect(json).toMatchObject({ HostConfig: { Memory: 2 ** 28, NanoCpus: 5e8 } });
  });

  test('feeds a consumer of its log, and gives the log again', async () => {
    const lines: string[] = [];
    await using container = await new GenericContainer('busybox')
      .withCommand(['sh', '-c', 'i=0; while [ $i -lt 5 ]; do echo line $i; i=$((i + 1)); done; sleep 1000'])
      .withLogConsumer((stream) => stream.on('data', (line) => lines.push(String(line).trim())))
      .withWaitStrategy(Wait.forLogMessage('line 4'))
      .start();
    expect(await soon(() => lines.length === 5)).toBe(true);
    expect(lines).toEqual(['line 0', 'line 1', 'line 2', 'line 3', 'line 4']);
    const tail = await container.logs({ tail: 2 });
    let again = '';
    tail.on('data', (data) => {
      again += data;
    });
    expect(await soon(() => again === 'line 3\nline 4\n')).toBe(true);
    tail.destroy();
  });

  test('restarts with what it had, its port found again', async () => {
    await using container = await web().start();
    await container.exec(['sh', '-c', 'echo changed >/www/index.html']);
    await container.restart({ timeout: 0 });
    expect(await pageOf(container)).toBe('changed\n');
  });

  test('can be committed, stopped without being removed, and read from then', async () => {
    const container = await idle().start();
    await container.exec(['sh', '-c', 'echo kept >/kept']);
    const image = await container.commit({ repo: 'kept', tag: '1', deleteOnExit: false });
    const stopped = await container.stop({ remove: false, timeout: 0 });
    const archive = await buffer(await stopped.copyArchiveFromContainer('/kept'));
    expect(await succeed(['tar', '-xO', 'kept'], { input: archive })).toBe('kept');
    await engine.seaway('rm', container.getId());
    await using second = await new GenericContainer(image).withCommand(['sleep', '1000']).start();
    expect((await second.exec(['cat', '/kept'])).stdout).toBe('kept\n');
  });

  test('is gone when it is stopped', async () => {
    const container = await idle().start();
    await container.stop();
    expect(await isGone(container.getId())).toBe(true);
  });

  test('is found again by the next that asks for the same, where it may be reused', async () => {
    const first = await idle().withLabels({ reused: 'yes' }).withReuse().start();
    const second = await idle().withLabels({ reused: 'yes' }).withReuse().start();
    expect(second.getId()).toBe(first.getId());
    await first.stop();
  });
});

describe('networks', () => {
  test('containers find each other by alias, and the network goes with its owner', async () => {
    await using network = await new Network().start();
    await using server = await web().withNetwork(network).withNetworkAliases('server', 'page').start();
    await using client = await idle()
      .withNetwork(network)
      .withExtraHosts([{ host: 'fixed', ipAddress: '192.0.2.9' }])
      .start();
    for (const name of ['server', 'page', server.getName().slice(1)])
      expect((await client.exec(['wget', '-qO-', `http://${name}/`])).stdout, name).toBe('a page');
    expect((await client.exec(['grep', 'fixed', '/etc/hosts'])).stdout).toMatch(/^192\.0\.2\.9\s+fixed$/m);
    expect(server.getNetworkNames()).toContain(network.getName());
    const address = server.getIpAddress(network.getName());
    expect((await client.exec(['wget', '-qO-', `http://${address}/`])).stdout).toBe('a page');
  });

  test('what is missing is an error in the words of Docker', async () => {
    const astray = idle().withName('astray').withNetworkMode('missing');
    await expect(astray.start()).rejects.toThrow('network missing not found');
    await engine.seaway('rm', 'astray');
    await expect(new GenericContainer('127.0.0.1:9/none').start()).rejects.toThrow(/refused/);
  });
});

const programs = [['docker', 'compose'], ['docker-compose']];
const program = programs.find(([name = '', ...verb]) => isInstalled(name, ...verb, 'version'));
const title = `a Compose environment${program ? '' : ' (skipped: neither docker compose nor docker-compose is installed)'}`;

describe.skipIf(program === undefined)(title, () => {
  test('comes up, answers, and goes with its volumes', async () => {
    const standalone = program?.length === 1;
    const environment = await new DockerComposeEnvironment(
      join(projectFolder, 'test/system/compose'),
      'compose.yaml',
    )
      .withProjectName('of-tests')
      .withClientOptions(standalone ? { executable: { standalone } } : {})
      .withWaitStrategy(standalone ? 'web_1' : 'web-1', Wait.forHttp('/', 80))
      .up();
    expect(await engine.page('outside', 'http://198.51.100.2:8085/')).toBe('from the store');
    await environment.down({ removeVolumes: true, timeout: 1000 });
    expect(await engine.seaway('ps', '-aq')).toBe('');
    expect(await engine.seaway('volume', 'ls', '-q')).toBe('');
  });
});

test('nothing of these tests is left', async () => {
  expect(await engine.seaway('ps', '-aq')).toBe('');
  expect(await engine.seaway('network', 'ls', '-q', '--filter', 'type=custom')).toBe('');
});
