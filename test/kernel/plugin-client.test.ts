/** The client of plugins: sockets and files by name, deadlines, what is retried and what is not, plugins that lie. */
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Type from 'typebox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLogger } from '../../src/observe/logger.ts';
import { openPlugins, type Plugins } from '../../src/plugins/plugins.ts';
import { type Fault, type Handlers, PluginServer } from '../plugins/plugin-server.ts';

const anything = Type.Object({ Said: Type.Optional(Type.String()), Err: Type.Optional(Type.String()) });
const handlers: Handlers = {
  'Plugin.Activate': () => ({ Implements: ['VolumeDriver'] }),
  'VolumeDriver.Get': ({ Name }) => ({ said: String(Name) }),
};

let folder: string;
let plugins: Plugins;
let server: PluginServer;
const opened: { stop?(): Promise<void>; close?(): unknown }[] = [];

const inFolder = (path: string): string => join(folder, path);
const open = (timeout = 500): Plugins => {
  const made = openPlugins({
    folders: [inFolder('run'), inFolder('etc')],
    timeout,
    logger: createLogger('fatal'),
  });
  opened.push(made);
  return made;
};
const serve = async (path: string, more: Handlers = handlers): Promise<PluginServer> => {
  const made = await new PluginServer(inFolder(path), more).start();
  opened.push(made);
  return made;
};
const get = async (name = 'vol'): Promise<string | undefined> => {
  const client = await plugins.find(name, 'VolumeDriver');
  return (await client.call('VolumeDriver.Get', { Name: 'a' }, anything)).Said;
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plugins-'));
  plugins = open();
  server = await serve('run/vol.sock');
});

afterEach(async () => {
  for (const one of opened.splice(0)) {
    await one.stop?.();
    one.close?.();
  }
  rmSync(folder, { recursive: true });
});

describe('a plugin on a socket', () => {
  it('is shaken hands with once, and asked as dockerd asks', async () => {
    expect(await get()).toBe('a');
    expect(await get()).toBe('a');
    expect(server.methods()).toEqual(['Plugin.Activate', 'VolumeDriver.Get', 'VolumeDriver.Get']);
    const [activate, asked] = server.calls;
    expect(activate).toMatchObject({ body: '', headers: { 'content-length': '0' } });
    expect(asked?.body).toBe('{"Name":"a"}\n');
    expect(asked?.headers).toMatchObject({
      accept: 'application/vnd.docker.plugins.v1.2+json',
      host: 'plugin.moby.localhost',
    });
    expect(plugins.used('VolumeDriver')).toEqual(['vol']);
  });

  it('may be in a folder of its name', async () => {
    await serve('run/deep/deep.sock');
    expect(await get('deep')).toBe('a');
  });

  it('is shaken hands with again when it was started again', async () => {
    const client = await plugins.find('vol', 'VolumeDriver');
    await server.stop();
    await server.start();
    expect(await client.call('VolumeDriver.Get', { Name: 'b' }, anything)).toEqual({ Said: 'b' });
    expect(server.methods()).toEqual(['Plugin.Activate', 'Plugin.Activate', 'VolumeDriver.Get']);
  });

  it('is waited for while it starts', async () => {
    await server.stop({ leave: true });
    setTimeout(() => void server.start(), 120);
    expect(await get()).toBe('a');
  });

  it('that is dead is given up soon, in the words of Go', async () => {
    await server.stop({ leave: true });
    const before = performance.now();
    await expect(get()).rejects.toMatchObject({
      code: 'PLUGIN_AWAY',
      message: `Post "http://plugin.moby.localhost/Plugin.Activate": dial unix ${inFolder('run/vol.sock')}: connect: connection refused`,
    });
    expect(performance.now() - before).toBeLessThan(2000);
  });

  it('that implements something else is refused', async () => {
    await expect(plugins.find('vol', 'NetworkDriver')).rejects.toThrow(
      'Plugin does not implement the requested driver: plugin="vol", requested implementation="NetworkDriver"',
    );
  });

  it.each(['nosuch', '../vol', 'a/b', '.', '..', '', '\0', 'x'.repeat(300)])(
    'the name "%s" is unknown, at once',
    async (name) => {
      const before = performance.now();
      await expect(get(name)).rejects.toMatchObject({ code: 'PLUGIN_NOT_FOUND' });
      expect(performance.now() - before).toBeLessThan(100);
    },
  );
});

describe('a call that fails', () => {
  it.each<[Fault, string, string]>([
    ['error', 'PLUGIN_REFUSED', 'VolumeDriver.Get: VolumeDriver.Get was told to fail'],
    ['missing', 'PLUGIN_LACKS_METHOD', 'VolumeDriver.Get: page not found'],
    ['hang', 'PLUGIN_SLOW', 'context deadline exceeded'],
    ['garbage', 'PLUGIN_BROKEN', 'the answer is no JSON'],
    ['cut', 'PLUGIN_BROKEN', 'EOF'],
    ['half', 'PLUGIN_BROKEN', 'EOF'],
    ['huge', 'PLUGIN_BROKEN', 'the answer is larger than'],
    ['killed', 'PLUGIN_BROKEN', 'EOF'],
  ])('by "%s" is %s, and is not asked twice', async (fault, code, words) => {
    const client = await plugins.find('vol', 'VolumeDriver');
    server.faults.set('VolumeDriver.Get', fault);
    const call = client.call('VolumeDriver.Get', { Name: 'a' }, anything);
    await expect(call).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
    expect(server.methods().filter((method) => method === 'VolumeDriver.Get')).toHaveLength(1);
  });

  it('with an answer of other types is told so', async () => {
    await serve('run/liar.sock', { ...handlers, 'VolumeDriver.Get': () => ({ Said: 7 }) });
    await expect(get('liar')).rejects.toMatchObject({ code: 'PLUGIN_BROKEN' });
  });

  it('in its handshake leaves nothing: the next one is held again', async () => {
    server.faults.set('Plugin.Activate', 'cut');
    await expect(get()).rejects.toMatchObject({ code: 'PLUGIN_BROKEN' });
    server.faults.clear();
    expect(await get()).toBe('a');
  });

  it('ends when its caller goes away', async () => {
    const client = await plugins.find('vol', 'VolumeDriver');
    server.faults.set('VolumeDriver.Get', 'hang');
    const leaving = new AbortController();
    const call = client.call('VolumeDriver.Get', {}, anything, { timeout: 60_000, signal: leaving.signal });
    setTimeout(() => leaving.abort(), 30);
    await expect(call).rejects.toMatchObject({ code: 'PLUGIN_SLOW' });
  });
});

const pem = (name: string): string => fileURLToPath(new URL(`../plugins/tls/${name}.pem`, import.meta.url));

describe('a plugin named by a file', () => {
  const answering =
    (said: string): RequestListener =>
    (request, response) =>
      response.end(
        request.url === '/Plugin.Activate'
          ? '{"Implements":["VolumeDriver"]}'
          : JSON.stringify({ Said: said }),
      );
  const listen = (made: Server): Promise<number> =>
    new Promise((resolve) => {
      opened.push(made);
      made.listen(0, '127.0.0.1', () => resolve((made.address() as AddressInfo).port));
    });
  const listenTcp = (): Promise<number> => listen(createServer(answering('by tcp')));
  /** It wants a certificate of its clients. */
  const listenTls = (): Promise<number> => {
    const [ca, cert, key] = ['ca', 'cert', 'key'].map((name) => readFileSync(pem(name)));
    return listen(
      createTlsServer({ ca, cert, key, requestCert: true, rejectUnauthorized: true }, answering('by TLS')),
    );
  };

  it('is found by its .spec and .json, and followed when the file changes', async () => {
    const port = await listenTcp();
    mkdirSync(inFolder('etc'));
    writeFileSync(inFolder('etc/far.spec'), `tcp://127.0.0.1:${port}\n`);
    expect(await get('far')).toBe('by tcp');
    rmSync(inFolder('etc/far.spec'));
    mkdirSync(inFolder('etc/far'));
    writeFileSync(inFolder('etc/far/far.json'), JSON.stringify({ Addr: `unix://${server.path}` }));
    expect(await get('far')).toBe('a');
  });

  it('by TLS is verified by the authority that its file names, and shown a certificate', async () => {
    const tls = await listenTls();
    const write = (TLSConfig: object): void =>
      writeFileSync(
        inFolder('etc/far.json'),
        JSON.stringify({ Addr: `https://localhost:${tls}`, TLSConfig }),
      );
    mkdirSync(inFolder('etc'));
    write({ CAFile: pem('ca'), CertFile: pem('cert'), KeyFile: pem('key') });
    expect(await get('far')).toBe('by TLS');
    write({ CAFile: pem('ca') });
    await expect(get('far')).rejects.toMatchObject({ code: expect.stringMatching(/PLUGIN_(AWAY|BROKEN)/) });
    write({ CAFile: pem('cert'), CertFile: pem('cert'), KeyFile: pem('key') });
    await expect(get('far')).rejects.toMatchObject({ code: 'PLUGIN_AWAY' });
    write({ CertFile: pem('cert'), KeyFile: pem('key') });
    expect(await get('far')).toBe('by TLS');
    write({ CAFile: '/no/such.pem' });
    await expect(get('far')).rejects.toThrow('/no/such.pem');
  });

  it('that is wrong is named', async () => {
    mkdirSync(inFolder('etc'));
    writeFileSync(inFolder('etc/far.spec'), 'nonsense');
    await expect(get('far')).rejects.toThrow(`plugin file ${inFolder('etc/far.spec')}: Unknown protocol`);
  });
});

describe('the table of plugins', () => {
  it('lists what is there and answers', async () => {
    await serve('run/other.sock', { 'Plugin.Activate': () => ({ Implements: ['NetworkDriver'] }) });
    const dead = await serve('run/dead.sock');
    await dead.stop({ leave: true });
    const { found, failed } = await plugins.all('VolumeDriver');
    expect(found.map(({ name }) => name)).toEqual(['vol']);
    expect(failed).toMatchObject([{ name: 'dead', error: { code: 'PLUGIN_AWAY' } }]);
  });

  it('does without one that has not answered in time, for a while', async () => {
    server.faults.set('Plugin.Activate', 'hang');
    const survey = () => plugins.all('VolumeDriver');
    expect((await survey()).failed).toMatchObject([{ name: 'vol', error: { code: 'PLUGIN_SLOW' } }]);
    const before = performance.now();
    expect((await survey()).failed).toHaveLength(1);
    expect(performance.now() - before).toBeLessThan(100);
    server.faults.clear();
    expect(await get()).toBe('a');
  });

  it('has those that the engine runs, by whatever names lead to them, and without a handshake', async () => {
    const managed = await serve('elsewhere/plugin.sock');
    plugins.manage((name) => (name === 'vol' ? { name: 'vol:latest', enabled: true } : undefined));
    const hostPath = (path: string): string => `/root${path}`;
    plugins.register('vol:latest', { socket: managed.path, implementations: ['VolumeDriver'], hostPath });
    expect(await get('vol')).toBe('a');
    expect(managed.methods()).toEqual(['VolumeDriver.Get']);
    const client = await plugins.find('vol', 'VolumeDriver');
    expect([client.name, client.hostPath('/data')]).toEqual(['vol:latest', '/root/data']);
    await expect(plugins.find('vol', 'NetworkDriver')).rejects.toMatchObject({ code: 'PLUGIN_LACKS_DRIVER' });
    plugins.manage(() => ({ name: 'vol:latest', enabled: false }));
    await expect(plugins.find('vol', 'VolumeDriver')).rejects.toThrow('plugin vol found but disabled');
    plugins.manage(() => undefined);
    plugins.unregister('vol:latest');
    expect(await get('vol')).toBe('a');
    expect(server.methods()).toContain('VolumeDriver.Get');
  });

  it('takes one that the engine runs, and that is started again just now, for away', async () => {
    const managed = await serve('elsewhere/plugin.sock');
    const hostPath = (path: string): string => path;
    plugins.register('vol:latest', { socket: managed.path, implementations: ['VolumeDriver'], hostPath });
    await managed.stop();
    await expect(get('vol:latest')).rejects.toThrow('Post "http://plugin.moby.localhost/VolumeDriver.Get"');
  });

  it('tells of plugins that appear', async () => {
    const seen: string[] = [];
    const told = (name: string) => async (): Promise<void> => expect(seen).toContain(name);
    plugins.onAppear((name) => seen.push(name));
    await serve('run/new.sock');
    await expect.poll(() => seen).toContain('new');
    await serve('run/deep/deep.sock');
    await expect.poll(() => seen).toContain('deep');
    mkdirSync(inFolder('etc'));
    writeFileSync(inFolder('etc.tmp'), `unix://${server.path}`);
    renameSync(inFolder('etc.tmp'), inFolder('etc/late.spec'));
    await expect.poll(() => seen).toContain('late');
    plugins.register('managed:latest', {
      socket: server.path,
      implementations: [],
      hostPath: (path) => path,
    });
    await told('managed:latest')();
    const count = seen.length;
    await server.stop();
    rmSync(inFolder('etc/late.spec'));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(seen).toHaveLength(count);
  });
});
