/** Two hosts in a swarm: how nodes come, go, are lost and come back, as users see it. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { makeRootCa } from '../../src/manager/certificates.ts';
import { etcdProgram } from '../kernel/kv/etcd-server.ts';
import { titleOf } from '../kernel/kv/server.ts';
import { connectHosts } from './cable.ts';
import { openTestEngine, type TestEngine } from './engine.ts';
import { Secrecy } from './secrecy.ts';

/** For what users keep beside their engines. */
const elsewhere = mkdtempSync(join(tmpdir(), 'swarm-nodes-'));
const here = '192.0.2.1';
const there = '192.0.2.2';
/** A busy machine starts etcd slowly, and a node counts as down after three beats. */
const inTime = { timeout: 60_000, interval: 500 };

describe.skipIf(!etcdProgram)(
  titleOf('nodes of a swarm', etcdProgram),
  () => {
    const a = openTestEngine({ idle: true, flags: Secrecy.flags });
    const b = openTestEngine({ idle: true, flags: Secrecy.flags });
    const secrecy = new Secrecy([a, b]);
    for (const engine of [a, b]) engine.patience = 60_000;

    beforeAll(async () => {
      connectHosts([
        [a, here],
        [b, there],
      ]);
      await a.start();
      await b.start();
      await secrecy.begin();
    });
    afterAll(async () => {
      secrecy.end();
      rmSync(elsewhere, { recursive: true, force: true });
      for (const engine of [b, a]) {
        await engine.tryDocker(['swarm', 'leave', '--force']);
        await engine.tryDocker(['network', 'rm', 'docker_gwbridge']);
      }
    });

    const states = async (): Promise<readonly string[]> =>
      (await a.docker('node', 'ls', '--format', '{{.Status}} {{.ManagerStatus}}'))
        .split('\n')
        .map((line) => line.trim())
        .toSorted();
    const standing = (engine: TestEngine): Promise<string> =>
      engine.docker('info', '-f', '{{.Swarm.LocalNodeState}} {{.Swarm.ControlAvailable}}');
    const joinAs = async (role: 'worker' | 'manager'): Promise<string> => {
      const token = await a.docker('swarm', 'join-token', '-q', role);
      return b.docker('swarm', 'join', '--token', token, `${here}:2377`);
    };
    const nodeOf = (engine: TestEngine): Promise<string> => engine.docker('info', '-f', '{{.Swarm.NodeID}}');

    test('a swarm begins, another node joins, and both are ready', async () => {
      expect(await a.docker('swarm', 'init', '--advertise-addr', here)).toMatch(
        /Swarm initialized: current node \([0-9a-z]{25}\) is now a manager/,
      );
      expect(await joinAs('worker')).toContain('This node joined a swarm as a worker.');
      await vi.waitFor(async () => expect(await states()).toEqual(['Ready', 'Ready Leader']), inTime);
      expect([await standing(a), await standing(b)]).toEqual(['active true', 'active false']);
    });

    const name = 'name-of-what-is-hidden';
    const keepTokens = async (): Promise<void> => {
      for (const role of ['worker', 'manager']) {
        const token = await a.docker('swarm', 'join-token', '-q', role);
        secrecy.keep(`token of ${role}s`, token.split('-').at(-1) ?? '');
      }
    };

    test('tokens, keys, secrets and configs are kept, and tasks have them', async () => {
      secrecy.keep('name', name);
      await keepTokens();
      await a.docker('swarm', 'join-token', '--rotate', 'worker');
      const { certificate, key } = await makeRootCa('swarm-ca');
      secrecy.keep(
        'key of the CA',
        Buffer.from(key.replace(/-----.*-----|\n/g, ''), 'base64').subarray(30, 60),
      );
      const [certificateFile, keyFile] = ['cert', 'key'].map((name) => join(elsewhere, name));
      writeFileSync(certificateFile ?? '', certificate);
      writeFileSync(keyFile ?? '', key);
      await a.docker(
        'swarm',
        'ca',
        '--rotate',
        '-d',
        '--ca-cert',
        `${certificateFile}`,
        '--ca-key',
        `${keyFile}`,
      );
      await keepTokens();
      for (const kind of ['secret', 'config']) {
        const value = randomBytes(30).toString('base64url');
        secrecy.keep(kind, value);
        expect((await a.tryDocker([kind, 'create', name, '-'], { input: value })).status).toBe(0);
      }
      const mounted = ['--secret', name, '--config', name, '--mode', 'global', '--no-resolve-image'];
      await a.docker('service', 'create', '-q', '--name', 'keeps', ...mounted, 'busybox', 'sleep', '1000');
      await a.docker('service', 'update', '-q', '-d', '--force', 'keeps');
      await a.docker('exec', await a.docker('ps', '-q', '-f', 'name=keeps'), 'cat', `/run/secrets/${name}`);
    });

    test('the swarm is as it was after its manager was killed and started again', async () => {
      const id = await a.docker('secret', 'create', '-l', 'of=test', 'kept', '/etc/hostname');
      await a.kill();
      await a.start();
      await vi.waitFor(async () => expect(await states()).toEqual(['Ready', 'Ready Leader']), inTime);
      expect(await a.docker('secret', 'inspect', '-f', '{{.ID}}', 'kept')).toBe(id);
    });

    test('a node that is gone is down, and ready when it is back', async () => {
      await b.kill();
      await vi.waitFor(async () => expect(await states()).toEqual(['Down', 'Ready Leader']), inTime);
      await b.start();
      await vi.waitFor(async () => expect(await states()).toEqual(['Ready', 'Ready Leader']), inTime);
    });

    test('a node that is removed leaves, and its certificate is worth nothing', async () => {
      const id = await nodeOf(b);
      expect((await a.tryDocker(['node', 'rm', id])).stderr).toContain(
        `node ${id} is not down and can't be removed`,
      );
      await a.docker('node', 'rm', '--force', id);
      await vi.waitFor(async () => expect(await standing(b)).toBe('inactive false'), inTime);
      expect(await states()).toEqual(['Ready Leader']);
    });

    test('a manager is promoted, demoted, and leaves', async () => {
      await joinAs('worker');
      const id = await nodeOf(b);
      await a.docker('node', 'promote', id);
      await vi.waitFor(async () => expect(await standing(b)).toBe('active true'), inTime);
      await vi.waitFor(async () => expect(await states()).toContain('Ready Reachable'), inTime);
      await a.docker('node', 'demote', id);
      await vi.waitFor(async () => expect(await standing(b)).toBe('active false'), inTime);
      await b.docker('swarm', 'leave');
      await vi.waitFor(async () => expect(await states()).toEqual(['Down', 'Ready Leader']), inTime);
      await a.docker('node', 'rm', id);
    });

    test('a locked manager waits for its key', async () => {
      await a.docker('swarm', 'update', '--autolock=true');
      const key = await a.docker('swarm', 'unlock-key', '-q');
      secrecy.keep('unlock key', key.replace('SWMKEY-1-', ''));
      secrecy.keep('bytes of the unlock key', Buffer.from(key.replace('SWMKEY-1-', ''), 'base64'));
      await a.kill();
      await a.start();
      expect(await standing(a)).toBe('locked false');
      expect((await a.tryDocker(['node', 'ls'])).stderr).toContain(
        'Swarm is encrypted and needs to be unlocked',
      );
      expect((await a.tryDocker(['swarm', 'unlock'], { input: 'SWMKEY-1-x\n' })).stderr).toContain(
        'invalid key string',
      );
      const other = `SWMKEY-1-${'A'.repeat(43)}\n`;
      expect((await a.tryDocker(['swarm', 'unlock'], { input: other })).stderr).toContain(
        'invalid key provided',
      );
      expect((await a.tryDocker(['swarm', 'leave'])).stderr).toContain('Swarm is encrypted and locked');
      expect(await standing(a)).toBe('locked false');
      expect((await a.tryDocker(['swarm', 'unlock'], { input: `${key}\n` })).status).toBe(0);
      expect(await a.docker('secret', 'ls', '-f', 'name=kept', '--format', '{{.Name}}')).toBe('kept');
    });

    test('nothing secret is told or written anywhere', async () => {
      const inspected = ['node', 'service', 'secret', 'network'].flatMap((kind) => [
        ['docker', kind, 'ls'] as const,
        ['docker', kind, 'inspect', { node: 'self', network: 'ingress' }[kind] ?? name] as const,
      ]);
      const found = await secrecy.found([
        ...inspected,
        ...(
          [
            'info',
            'system df',
            'ps -a',
            'service inspect keeps',
            'service ps keeps',
            'service logs keeps',
          ] as const
        ).map((line) => ['docker', ...line.split(' ')] as const),
        ...(
          ['doctor', 'explain host 192.0.2.2:2377', 'trace ls', 'node ls', 'service ps keeps'] as const
        ).map((line) => ['seaway', ...line.split(' ')] as const),
      ]);
      const names = found.filter((each) => each.startsWith('name in '));
      expect(found.filter((each) => !names.includes(each))).toEqual([]);
      // what is no secret is found, so that the search finds what there is
      expect(names).toEqual(expect.arrayContaining(['name in /events', 'name in docker secret ls']));
      expect((await secrecy.told()).map((size) => Number(size) > 1000)).not.toContain(false);
      await a.docker('service', 'rm', 'keeps');
    });

    test('the last manager does not leave by mistake', async () => {
      expect((await a.tryDocker(['swarm', 'leave'])).stderr).toContain(
        'Removing the last manager erases all current state',
      );
      const { pid } = JSON.parse(readFileSync(join(a.folder, 'run/swarm/etcd.pid'), 'utf8'));
      // locked again: its etcd runs on, and ends with the membership
      await a.kill();
      await a.start();
      expect(await standing(a)).toBe('locked false');
      expect(await a.docker('swarm', 'leave', '--force')).toBe('Node left the swarm.');
      expect(await standing(a)).toBe('inactive false');
      // nobody may have waited for it yet, so its entry may be there, without a command line
      const line = existsSync(`/proc/${pid}`) ? readFileSync(`/proc/${pid}/cmdline`, 'utf8') : '';
      expect([line, existsSync(join(a.folder, 'data/swarm'))]).toEqual(['', false]);
    });
  },
  300_000,
);
