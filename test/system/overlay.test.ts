/** Two engines on two hosts with a store of theirs: networks over both, as users see them. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { etcdProgram } from '../kernel/kv/etcd-server.ts';
import { titleOf } from '../kernel/kv/server.ts';
import type { Started } from '../kernel/rig.ts';
import { connectHosts } from './cable.ts';
import { openTestEngine, type TestEngine } from './engine.ts';

const here = '192.0.2.1';
const there = '192.0.2.2';
/** Of the hosts, for containers that lead out by IPv6. */
const six = (address: string): string => `2001:db8:2::${address.split('.').at(-1)}`;
const flags = [`--cluster-store=etcd://${here}:2379/test`, '--cluster-advertise=far0:2376'];
/** For what has to pass from host to host, on a machine that does other work too. */
const inTime = { timeout: 20_000 };
const isEncrypting = ['wg', 'wireguard-go'].every((name) => spawnSync(name, ['--version']).status === 0);

describe.skipIf(!etcdProgram)(titleOf('overlay networks by etcd', etcdProgram), () => {
  const a = openTestEngine({ flags, idle: true });
  const b = openTestEngine({ flags, idle: true });

  const folder = mkdtempSync('/tmp/seaway-etcd-');
  let store: Started | undefined;
  let startStore: () => Started | undefined = () => undefined;

  beforeAll(async () => {
    connectHosts([
      [a, here],
      [b, there],
    ]);
    for (const [{ rig }, address] of [
      [a, here],
      [b, there],
    ] as const)
      rig.run('host', 'ip', 'address', 'add', `${six(address)}/64`, 'dev', 'far0', 'nodad');
    const urls = ['--listen-client-urls', '--advertise-client-urls'].flatMap((name) => [
      name,
      `http://${here}:2379`,
    ]);
    startStore = () =>
      a.rig.start('host', etcdProgram ?? '', '--data-dir', folder, '--log-level', 'error', ...urls);
    store = startStore();
    await a.start();
    await b.start();
  });
  afterAll(async () => {
    for (const engine of [a, b]) {
      const { stdout } = await engine.tryDocker(['ps', '-aq']);
      await engine.tryDocker(['rm', '-f', ...stdout.split(/\s+/).filter(Boolean)]);
    }
    for (const name of ['app', 'secret']) await a.tryDocker(['network', 'rm', name]);
    store?.stop();
    rmSync(folder, { recursive: true });
  });

  const hears = async (engine: TestEngine, from: string, to: string): Promise<void> => {
    await vi.waitFor(() => engine.docker('exec', from, 'ping', '-c1', '-W2', to), inTime);
  };

  test('a network of one host is there on the other, and containers meet by name', async () => {
    const id = await a.docker('network', 'create', '-d', 'overlay', '--subnet', '10.7.0.0/24', 'app');
    await vi.waitFor(
      async () =>
        expect(await b.docker('network', 'inspect', '-f', '{{.Id}} {{.Scope}}', 'app')).toBe(`${id} global`),
      inTime,
    );
    expect(a.log(100)).not.toContain('wiped or restored');
    await a.docker('run', '-d', '--name', 'web', '--network', 'app', 'busybox', 'httpd', '-f', '-h', '/etc');
    await b.docker('run', '-d', '--name', 'cli', '--network', 'app', 'busybox', 'sleep', '600');
    await hears(b, 'cli', 'web');
    await hears(a, 'web', 'cli');
    const page = await b.docker('exec', 'cli', 'wget', '-qO-', 'http://web/hostname');
    expect(await a.docker('exec', 'web', 'hostname')).toBe(page);
    const members =
      '{{range $id, $one := .Containers}}{{printf "%.3s" $id}} {{$one.Name}} {{end}}{{len .Peers}}';
    expect(await a.docker('network', 'inspect', '-f', members, 'app')).toMatch(/ep- cli .*2$/);
  });

  test('a container that is connected while it runs, and a namespace of no container, are found', async () => {
    await b.docker('run', '-d', '--name', 'late', 'busybox', 'sleep', '600');
    await b.docker('network', 'connect', '--alias', 'db', '--ip', '10.7.0.77', 'app', 'late');
    await hears(a, 'web', 'db');
    const asked = await a.docker('exec', 'web', 'nslookup', '-type=ptr', '77.0.7.10.in-addr.arpa');
    expect(asked).toContain('late.app');
    await b.docker('rename', 'late', 'shop');
    await hears(a, 'web', 'shop');
    await b.docker('rename', 'shop', 'late');
    const path = b.rig.path('box');
    b.rig.run('host', 'ip', 'netns', 'add', basename(path));
    await b.seaway('network', 'connect', 'app', '--netns', path, '--name', 'box');
    await hears(a, 'web', 'box');
    expect((await b.on(path, 'busybox', 'ping', '-c1', '-W2', '10.7.0.2')).stdout).toContain(
      ' 0% packet loss',
    );
    await b.seaway('network', 'disconnect', 'app', '--netns', path);
  });

  test('an address that passes to the other host is reached there, and is given once', async () => {
    const taken = await a.tryDocker([
      'run',
      '--rm',
      '--network',
      'app',
      '--ip',
      '10.7.0.77',
      'busybox',
      'true',
    ]);
    expect(taken.stderr).toContain('Address already in use');
    await b.docker('rm', '-f', 'late');
    const heir = ['--name', 'heir', '--network', 'app', '--ip', '10.7.0.77', 'busybox', 'sleep', '600'];
    // until the other host has heard of it
    await a.docker('create', ...heir);
    await vi.waitFor(() => a.docker('start', 'heir'), inTime);
    await hears(b, 'cli', '10.7.0.77');
    await hears(a, 'web', '10.7.0.77');
  });

  test('what runs goes on without an engine, and the engine finds it as it was', async () => {
    await b.kill();
    await hears(a, 'web', '10.7.0.3');
    await b.start();
    await hears(b, 'cli', 'web');
    for (const engine of [a, b]) {
      const { json } = await engine.api('GET', '/seaway/compare');
      expect(json).toMatchObject({ Scopes: [] });
    }
  });

  test('what somebody deletes in the namespace of a network is put back', async () => {
    const folder = join(a.folder, 'run/netns');
    const space = readdirSync(folder).find((name) => name.startsWith('net-')) ?? '';
    const inside = (program: string, ...rest: string[]): string =>
      a.rig.run(join(folder, space), program, ...rest);
    /** Ports of the bridge, and the tunnel's entries. */
    const state = (): string => {
      const ports = inside('ip', '-br', 'link', 'show', 'master', 'br0').matchAll(/^\w+/gm);
      const neighbours = inside('ip', 'neigh', 'show', 'dev', 'vxlan0');
      const entries = inside('bridge', 'fdb', 'show', 'dev', 'vxlan0').match(/^.* dst .*$/gm) ?? [];
      const isUp = inside('ip', '-br', 'link', 'show', 'br0').includes(' UP ');
      return [...[...ports].sort(), ...neighbours.split('\n').sort(), ...entries.sort(), isUp].join('\n');
    };
    const before = state();
    const [, mac = ''] = /lladdr (\S+)/.exec(inside('ip', 'neigh', 'show', 'dev', 'vxlan0')) ?? [];
    const breakages: readonly [string, ...string[]][] = [
      ['bridge', 'fdb', 'del', mac, 'dev', 'vxlan0'],
      ['ip', 'neigh', 'flush', 'dev', 'vxlan0', 'nud', 'permanent'],
      ['ip', 'link', 'del', 'vxlan0'],
      ['ip', 'link', 'set', 'br0', 'down'],
      ['ip', 'link', 'del', 'br0'],
    ];
    for (const broken of breakages) {
      inside(...broken);
      await vi.waitFor(() => expect(state(), broken.join(' ')).toBe(before), inTime);
    }
    await hears(a, 'web', 'cli');
  });

  test('without the store what runs goes on, a container that stops has its address again, and nothing is given', async () => {
    const address = '{{.NetworkSettings.Networks.app.IPAddress}}';
    const before = await a.docker('inspect', '-f', address, 'web');
    store?.stop();
    const run = ['run', '--rm', '--network', 'app', 'busybox', 'true'];
    await vi.waitFor(
      async () => expect((await a.tryDocker(run)).stderr).toContain('client: etcd cluster is unavailable'),
      inTime,
    );
    await a.docker('restart', '-t', '0', 'web');
    expect(await a.docker('inspect', '-f', address, 'web')).toBe(before);
    await hears(b, 'cli', 'web');
    await a.docker('network', 'create', 'plain');
    await a.docker('network', 'rm', 'plain');
    await b.docker('run', '-d', '--name', 'alone', 'busybox', 'sleep', '600');
    await b.docker('rm', '-f', 'alone');
    const { json } = await a.api('GET', '/info');
    expect(json).toMatchObject({ Degraded: [{ Subject: 'cluster store' }] });
    store = startStore();
    await vi.waitFor(() => a.docker(...run), inTime);
    await hears(b, 'cli', 'web');
  });

  test('a container has its address again when it starts again, and another one when somebody has it', async () => {
    const address = async () =>
      a.docker('inspect', '-f', '{{.NetworkSettings.Networks.app.IPAddress}}', 'web');
    const before = await address();
    await a.docker('restart', '-t', '0', 'web');
    expect(await address()).toBe(before);
    await a.docker('stop', '-t', '0', 'web');
    const rival = ['--name', 'rival', '--network', 'app', '--ip', before, 'busybox', 'sleep', '600'];
    await vi.waitFor(async () => {
      await b.tryDocker(['rm', '-f', 'rival']);
      await b.docker('run', '-d', ...rival);
    }, inTime);
    await a.docker('start', 'web');
    expect(await address()).not.toBe(before);
    await b.docker('rm', '-f', 'rival');
  });

  test('hosts are listed, and one that is there is not forgotten', async () => {
    const { json } = await a.api('GET', '/seaway/cluster/nodes');
    expect(json).toMatchObject([{ Endpoints: expect.any(Number) }, { Endpoints: expect.any(Number) }]);
    expect((await a.seaway('cluster', 'ls')).split('\n')).toHaveLength(3);
    const other = (json as { Status: string; ID: string }[]).find(({ Status }) => Status === 'ready');
    const answer = await a.api('DELETE', `/seaway/cluster/nodes/${other?.ID}`);
    expect(answer).toMatchObject({ status: 409 });
  });

  test('a container whose address another host has is taken off its network, and listed until it starts again', async () => {
    const id = await a.docker('network', 'inspect', '-f', '{{.Id}}', 'app');
    const key = `/test/seaway/v1/addresses/${id}/10.7.0.77`;
    const { json } = await b.api('GET', '/info');
    const node = (json as { ID: string }).ID;
    const claim = { format: 1, endpoint: 'e'.repeat(64), node, since: '2026-01-01T00:00:00.000000000Z' };
    const [name, value] = [key, JSON.stringify(claim)].map((text) => Buffer.from(text).toString('base64'));
    const put = `fetch('http://${here}:2379/v3/kv/put', { method: 'POST', body: process.argv[1] })`;
    a.rig.run('host', process.execPath, '-e', put, JSON.stringify({ key: name, value }));
    const degraded = async () => ((await a.api('GET', '/info')).json as { Degraded?: object[] }).Degraded;
    const [subject, why] = [
      'container heir',
      /^it is off network app, where it had 10.7.0.77\/24: another host/,
    ];
    await vi.waitFor(
      async () =>
        expect(await degraded()).toMatchObject([{ Subject: subject, Error: expect.stringMatching(why) }]),
      inTime,
    );
    expect(await a.docker('exec', 'heir', 'ls', '/sys/class/net')).not.toContain('eth0');
    await vi.waitFor(() => a.docker('restart', '-t', '0', 'heir'), inTime);
    expect(await degraded()).toBeUndefined();
    await hears(b, 'cli', '10.7.0.77');
  });

  test('a network in use on another host is not removed', async () => {
    await a.docker('rm', '-f', 'web', 'heir');
    const { stderr } = await a.tryDocker(['network', 'rm', 'app']);
    expect(stderr).toContain('has active endpoints (name:"cli"');
    await b.docker('rm', '-f', 'cli');
    await vi.waitFor(() => a.docker('network', 'rm', 'app'), inTime);
    await vi.waitFor(
      async () => expect((await b.docker('network', 'ls')).includes(' app ')).toBe(false),
      inTime,
    );
  });

  test('a subnet that another host routes elsewhere is warned of, and none is chosen', async () => {
    const route = ['10.0.0.0/9', 'dev', 'far0'];
    b.rig.run('host', 'ip', 'route', 'add', ...route);
    const asked = { Name: 'warned', Driver: 'overlay', IPAM: { Config: [{ Subnet: '10.9.0.0/24' }] } };
    const warned = / overlaps with the route to 10\.0\.0\.0\/9 of host \S+$/;
    await vi.waitFor(async () => {
      const { json } = await a.api('POST', '/networks/create', { json: asked });
      await a.docker('network', 'rm', 'warned');
      expect(json).toMatchObject({ Warning: expect.stringMatching(warned) });
    }, inTime);
    await a.docker('network', 'create', '-d', 'overlay', 'chosen');
    const subnet = '{{range .IPAM.Config}}{{.Subnet}}{{end}}';
    expect(await a.docker('network', 'inspect', '-f', subnet, 'chosen')).toMatch(/^10\.128\./);
    await a.docker('network', 'rm', 'chosen');
    b.rig.run('host', 'ip', 'route', 'del', ...route);
  });

  test('a container of a network with IPv6 leads out by both families', async () => {
    await a.docker('network', 'create', '-d', 'overlay', '--ipv6', 'six');
    await a.docker('run', '-d', '--name', 'out', '--network', 'six', 'busybox', 'sleep', '600');
    for (const address of [there, six(there)]) await hears(a, 'out', address);
    await a.docker('rm', '-f', 'out');
    await a.docker('network', 'rm', 'six');
  });

  test.skipIf(!isEncrypting)('an encrypted network connects them', { timeout: 60_000 }, async () => {
    await a.docker('network', 'create', '-d', 'overlay', '--opt', 'encrypted', 'secret');
    await vi.waitFor(() => b.docker('network', 'inspect', 'secret'), inTime);
    await a.docker('run', '-d', '--name', 'one', '--network', 'secret', 'busybox', 'sleep', '600');
    await b.docker('run', '-d', '--name', 'two', '--network', 'secret', 'busybox', 'sleep', '600');
    await hears(a, 'one', 'two');
    expect(a.rig.run('host', 'wg', 'show', 'all', 'latest-handshakes')).toMatch(/\t[1-9]\d*\n/);
    const [link = ''] = /wg-[0-9a-f]+/.exec(a.rig.run('host', 'ip', '-br', 'link')) ?? [];
    a.rig.run('host', 'ip', 'link', 'del', link);
    await hears(a, 'one', 'two');
    await a.docker('rm', '-f', 'one');
    await b.docker('rm', '-f', 'two');
    expect(a.rig.run('host', 'ip', '-br', 'link')).not.toContain('wg-');
  });
});
