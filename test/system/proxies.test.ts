/** Proxies: of the client for its containers, and of the engine for its pulls. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isInstalled, soon, succeed } from './commands.ts';
import { openTestEngine, projectFolder } from './engine.ts';
import { openTestRegistry, registryMissing } from './test-registry.ts';

describe('proxies of the client configuration', () => {
  const engine = openTestEngine();
  const clients = [join(projectFolder, 'bin/seaway'), 'docker'].filter((client) => isInstalled(client));
  const configure = (proxies: object): void =>
    writeFileSync(join(engine.folder, 'client/config.json'), JSON.stringify({ proxies }));
  const environment = async (client: string, ...flags: string[]): Promise<readonly string[]> => {
    const command = [client, 'run', '--rm', ...flags, 'busybox', 'env'];
    const lines = (await succeed(command, { env: engine.env })).split('\n');
    return lines.filter((line) => /proxy=/i.test(line)).toSorted();
  };

  test.each(clients)('are in the environment of what %s creates, in upper and lower case', async (client) => {
    configure({
      default: {
        httpProxy: 'http://192.0.2.1:3128',
        httpsProxy: 'http://192.0.2.1:3129',
        ftpProxy: 'http://192.0.2.1:3130',
        allProxy: 'socks://192.0.2.1:3131',
        noProxy: '*.test,127.0.0.0/8',
      },
    });
    expect(await environment(client)).toEqual([
      'ALL_PROXY=socks://192.0.2.1:3131',
      'FTP_PROXY=http://192.0.2.1:3130',
      'HTTPS_PROXY=http://192.0.2.1:3129',
      'HTTP_PROXY=http://192.0.2.1:3128',
      'NO_PROXY=*.test,127.0.0.0/8',
      'all_proxy=socks://192.0.2.1:3131',
      'ftp_proxy=http://192.0.2.1:3130',
      'http_proxy=http://192.0.2.1:3128',
      'https_proxy=http://192.0.2.1:3129',
      'no_proxy=*.test,127.0.0.0/8',
    ]);
  });

  test.each(clients)('give way to what %s is asked for, each name for itself', async (client) => {
    configure({ default: { httpProxy: 'http://192.0.2.1:3128' } });
    expect(await environment(client, '-e', 'HTTP_PROXY=http://own', '-e', 'http_proxy')).toEqual([
      'HTTP_PROXY=http://own',
    ]);
  });

  test.each(clients)('are those of the engine that %s speaks to, where it is named', async (client) => {
    configure({
      default: { httpProxy: 'http://192.0.2.1:1' },
      [`unix://${engine.socket}`]: { httpProxy: 'http://192.0.2.1:2' },
    });
    expect(await environment(client)).toEqual([
      'HTTP_PROXY=http://192.0.2.1:2',
      'http_proxy=http://192.0.2.1:2',
    ]);
  });
});

/** Passes every request on to the registry, whatever host it names, and writes that host down. */
const proxyProgram = `
  const http = require('node:http'), fs = require('node:fs');
  const [port, to, seen] = process.argv.slice(1);
  http.createServer((request, response) => {
    const { host, pathname, search } = new URL(request.url, 'http://itself');
    fs.appendFileSync(seen, host + ' ' + request.method + '\\n');
    const [hostname, ownPort] = to.split(':');
    const on = http.request({ hostname, port: ownPort, path: pathname + search, method: request.method, headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    on.on('error', () => response.destroy());
    request.pipe(on);
  }).listen(Number(port), '127.0.0.1');
`;

describe.skipIf(registryMissing !== '')(`proxies of the engine${registryMissing}`, () => {
  const engine = openTestEngine({ flags: ['--insecure-registry', 'far.test:5000'], idle: true });
  const registry = '127.0.0.1:5000';
  const proxy = '127.0.0.1:3128';
  const seen = join(engine.folder, 'seen');
  let child: ChildProcess | undefined;

  openTestRegistry(engine, { host: registry });
  beforeAll(async () => {
    const [, port = ''] = proxy.split(':');
    const command = [process.execPath, '-e', proxyProgram, port, registry, seen];
    child = spawn('nsenter', [`--net=${engine.rig.host}`, ...command], { stdio: 'ignore' });
    const answers = async (): Promise<boolean> =>
      (await engine.page('host', `http://${proxy}/`)) !== 'ECONNREFUSED';
    if (!(await soon(answers))) throw new Error('the proxy does not answer');
  });
  afterAll(() => void child?.kill('SIGKILL'));

  const pushAndPull = async (): Promise<string> => {
    writeFileSync(seen, '');
    // the built-in image appears when it is asked for
    await engine.docker('image', 'inspect', 'busybox');
    await engine.docker('tag', 'busybox', 'far.test:5000/app:1');
    await engine.docker('push', 'far.test:5000/app:1');
    await engine.docker('rmi', 'far.test:5000/app:1');
    await engine.docker('pull', 'far.test:5000/app:1');
    return readFileSync(seen, 'utf8');
  };
  const asked = /^far\.test:5000 GET$/m;

  test('are those of its environment', async () => {
    // https is tried first; what is no registry answers no CONNECT
    const own = { HTTP_PROXY: `http://${proxy}`, HTTPS_PROXY: `http://${proxy}` };
    Object.assign(engine.env, own);
    await engine.start();
    for (const name of Object.keys(own)) delete engine.env[name];
    expect(await pushAndPull()).toMatch(asked);
    await engine.stop();
  });

  test('or of its flags', async () => {
    await engine.start(['--http-proxy', `http://${proxy}`, '--https-proxy', `http://${proxy}`]);
    expect(await pushAndPull()).toMatch(asked);
    await engine.stop();
  });
});
