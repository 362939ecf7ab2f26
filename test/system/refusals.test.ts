/** What the engine refuses, and how it says so: on its command line and over the API. */
import { describe, expect, test } from 'vitest';
import { run } from './commands.ts';
import { openTestEngine, projectFolder } from './engine.ts';

const engine = openTestEngine();
const seawayd = `${projectFolder}/bin/seawayd`;

describe('seawayd', () => {
  test('refuses a flag that it does not know, and makes nothing', async () => {
    const said = await run([seawayd, '--no-such-flag'], { env: engine.env });
    expect(said.status).toBe(1);
    expect(said.stderr).toContain('unknown flag: --no-such-flag');
  });

  test('accepts a flag of dockerd that has no use here', async () => {
    const said = await run([seawayd, '--validate', '--storage-driver', 'overlay2'], { env: engine.env });
    expect(said).toEqual({ status: 0, stdout: 'configuration OK\n', stderr: '' });
  });

  test.each([
    ['--tlsverify', 'seawayd: TLS (--tls, --tlsverify) is not supported by seaway\n'],
    ['--log-driver=syslog', /^seawayd: .*the log driver "syslog" is not supported by seaway\n$/],
    ['--host=tcp://192.0.2.1:2375', /^seawayd: listening on tcp:\/\/192\.0\.2\.1:2375 without TLS .*\n$/],
    [
      '--validate=maybe',
      /^seawayd: invalid argument "maybe" for "--validate" flag: strconv\.ParseBool: .*\n/,
    ],
  ])('--validate refuses what an engine would refuse: %s', async (flag, why) => {
    const said = await run([seawayd, '--validate', flag], { env: engine.env });
    expect({ status: said.status, stdout: said.stdout }).toEqual({ status: 1, stdout: '' });
    expect(said.stderr).toMatch(why);
  });

  test('refuses to be a second engine in one network namespace', async () => {
    const root = `${engine.folder}/second`;
    const flags = [
      '--data-root',
      root,
      '--exec-root',
      root,
      '-p',
      `${root}/pid`,
      '-H',
      `unix://${root}/socket`,
    ];
    const said = await engine.on('host', seawayd, ...flags);
    expect(said.status).toBe(1);
    expect(said.stderr).toMatch(
      /^seawayd: another engine \(seawayd, process \d+\) runs in this network namespace: .*\n$/,
    );
  });

  test('without CAP_NET_ADMIN says so in one sentence', async () => {
    const said = await run(['setpriv', '--bounding-set', '-net_admin', seawayd], { env: engine.env });
    expect(said.status).toBe(1);
    expect(said.stderr).toMatch(/^seawayd: this process lacks CAP_NET_ADMIN: .*\n$/);
  });
});

describe('the API', () => {
  test.each([
    ['GET', '/nowhere'],
    ['POST', '/v1.41/containers/nowhere/at/all'],
    ['PATCH', '/networks'],
  ])('%s %s is no route: 404', async (method, path) => {
    const { status, message } = await engine.api(method, path);
    expect({ status, message }).toEqual({ status: 404, message: 'page not found' });
  });

  test.each([
    ['/networks/create', '{"Name": "a"'],
    ['/containers/create', 'hello'],
    ['/networks/bridge/connect', '{"Container": ]'],
  ])('a body of %s that is no JSON (%s) is refused with 400', async (path, body) => {
    const headers = { 'content-type': 'application/json' };
    const { status, message } = await engine.api('POST', path, { body, headers });
    expect(status, message).toBe(400);
    expect(message).not.toBe('');
  });

  test.each([
    ['/networks/create', { Name: 7 }],
    ['/networks/create', { Name: 'a', IPAM: { Config: 'all' } }],
    ['/containers/create', { Image: 'busybox', Cmd: { not: 'a list' } }],
    ['/containers/create', { Image: 'busybox', HostConfig: { Memory: 'much' } }],
  ])('a wrong type in %s (%j) is refused with 400', async (path, json) => {
    const { status, message } = await engine.api('POST', path, { json });
    expect(status, message).toBe(400);
    expect(message).not.toBe('');
  });

  test('a body over the limit is refused with 413', async () => {
    const json = { Name: 'a', Labels: { long: 'x'.repeat(9 << 20) } };
    expect((await engine.api('POST', '/networks/create', { json })).status).toBe(413);
  });

  test('speaks every version from 1.24 to 1.50, with and without a prefix, and no other', async () => {
    for (let minor = 24; minor <= 50; minor++)
      expect((await engine.api('GET', `/v1.${minor}/version`)).json, `1.${minor}`).toMatchObject({
        ApiVersion: '1.50',
      });
    expect((await engine.api('GET', '/version')).json).toMatchObject({
      ApiVersion: '1.50',
      MinAPIVersion: '1.24',
    });
    for (const version of ['1.23', '1.51', '2.0'])
      expect((await engine.api('GET', `/v${version}/version`)).status, version).toBe(400);
  });

  test('_ping answers with the headers that clients look at', async () => {
    const { text, headers } = await engine.api('GET', '/_ping');
    expect(text).toBe('OK');
    expect(headers).toMatchObject({ 'api-version': '1.50', ostype: 'linux' });
    expect((await engine.api('HEAD', '/_ping')).status).toBe(200);
  });

  test.each([
    ['GET', '/networks/nothing', 404, 'network nothing not found'],
    ['GET', '/containers/nothing/json', 404, 'No such container: nothing'],
    ['GET', '/images/nothing/json', 404, 'No such image: nothing:latest'],
    ['POST', '/networks/bridge/connect', 400, 'invalid name or ID supplied: ""'],
    ['DELETE', '/networks/bridge', 403, 'bridge is a pre-defined network and cannot be removed'],
  ])('%s %s is refused with %i and "%s"', async (method, path, status, message) => {
    const answer = await engine.api(method, path);
    expect({ status: answer.status, message: answer.message }).toEqual({ status, message });
  });
});
