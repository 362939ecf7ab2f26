/** A manager of a swarm with a real etcd: who is let in, and what outlives it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:http2';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { fillSpec } from '../../src/engine/swarm/cluster-spec.ts';
import { makeRequest } from '../../src/manager/certificates.ts';
import { type Founded, foundSwarm } from '../../src/manager/founding.ts';
import { lineOf } from '../../src/manager/lines.ts';
import { Manager } from '../../src/manager/manager.ts';
import { NodeLink, type Welcome } from '../../src/manager/node-link.ts';
import type { FromNode, paths, ToNode } from '../../src/manager/protocol.ts';
import { dialManager, enrollBy, joinBy, renewBy, tellBy } from '../../src/manager/remote.ts';
import { newToken, readToken } from '../../src/manager/tokens.ts';
import { createLogger } from '../../src/observe/logger.ts';
import { etcdProgram } from './kv/etcd-server.ts';
import { freeAddress, titleOf } from './kv/server.ts';
import { answersTo, callersOf, callOf } from './manager-callers.ts';

const logger = createLogger('error');
const address = freeAddress();
const place = `${address}:2377`;
const folder = mkdtempSync('/tmp/seaway-manager-');

describe.skipIf(!etcdProgram)(
  titleOf('a manager of a swarm', etcdProgram),
  () => {
    let founded: Founded;
    let manager: Manager;
    let callers: ReturnType<typeof callersOf> | undefined;
    const open = (first?: Founded['changes']): Promise<Manager> => {
      const { nodeId, clusterId, rootCa, keys } = founded;
      return Manager.open({
        ...{ data: join(folder, 'etcd'), run: join(folder, 'run'), cgroups: [], keys: keys.manager, logger },
        ...{ node: keys.node, rootCa, listen: { host: address, port: 2377 } },
        member: { nodeId, clusterId, listen: address, advertise: address, others: [], isNew: true },
        ...(first && { first }),
        kept: async () => undefined,
      });
    };
    const tokens = () => {
      const [keys] = manager.store.view.all('keys');
      if (!keys) throw new Error('no keys');
      return keys;
    };

    beforeAll(async () => {
      process.env.PATH = `${process.env.PATH}:${dirname(etcdProgram ?? '')}`;
      founded = await foundSwarm({
        ...{ spec: fillSpec({}), availability: 'active', address, advertise: place, now: Date.now() },
        ...{ addressPools: [], subnetSize: 24, dataPathPort: 4789, mtu: 1450 },
      });
      manager = await open(founded.changes);
    }, 60_000);
    afterAll(async () => {
      await manager.end();
      rmSync(folder, { recursive: true, force: true });
    }, 60_000);

    /** As a node whose engine has nothing else. */
    const joinAs = async (token: string) => {
      const { request, key } = await makeRequest();
      const call = { token, request, availability: 'active', address: '' };
      const outcome = await joinBy(place, { digest: readToken(token)?.digest ?? '', call });
      return {
        ...outcome,
        trust: { rootCa: outcome.rootCa, node: { certificate: outcome.joined.certificate, key } },
      };
    };
    const begin = (trust: Parameters<typeof dialManager>[1]) => {
      const seen = { welcomes: [] as Welcome[], removed: 0 };
      const link = new NodeLink({
        logger,
        dial: (ends) => dialManager(place, trust, ends),
        welcomed: (welcome) => seen.welcomes.push(welcome),
        removed: () => seen.removed++,
      });
      link.begin();
      return { link, seen };
    };
    const description = (hostname: string): Extract<FromNode, { op: 'describe' }>['description'] => ({
      ...{ hostname, mtu: 1500, routes: [], busyPorts: [], data4: '198.51.100.12' },
      platform: { architecture: 'x86_64', os: 'linux' },
      resources: { nanoCpus: 1e9, memoryBytes: 1e9 },
      engine: { version: '1', labels: {}, plugins: [] },
    });

    it('lets a node in by a token, gives it a session, and keeps out one that was removed', async () => {
      const { joined, trust } = await joinAs(tokens().workerToken);
      expect(joined).toMatchObject({ role: 'worker', managers: [{ address: place }] });
      const { link, seen } = begin(trust);
      link.describe(description('far'));
      await vi.waitFor(
        () =>
          expect(manager.store.view.get('nodes', joined.nodeId)).toMatchObject({
            ...{ status: { state: 'ready', address: '127.0.0.1' }, description: { hostname: 'far' } },
          }),
        10_000,
      );
      expect(seen.welcomes[0]).toMatchObject({ role: 'worker', period: 5000 });
      const { request } = await makeRequest();
      expect(await renewBy(place, trust, request)).toContain('BEGIN CERTIFICATE');
      // the keys of managers are not for workers
      await expect(enrollBy(place, trust, { request, place })).rejects.toThrow('no manager of the swarm');

      await manager.store.transact(() => ({
        changes: [{ table: 'nodes', remove: joined.nodeId }],
        result: undefined,
      }));
      await vi.waitFor(() => expect(seen.removed).toBe(1), 10_000);
      link.close();
      await expect(renewBy(place, trust, request)).rejects.toThrow('not a member of the swarm');
      const nothing = { message: (_: ToNode) => undefined, closed: () => undefined };
      await expect(dialManager(place, trust, nothing)).rejects.toThrow('not a member of the swarm');
    });

    it('hears from other managers what their nodes have acknowledged, and from nobody else', async () => {
      const worker = await joinAs(tokens().workerToken);
      await expect(tellBy(place, worker.trust)).rejects.toThrow('no manager of the swarm');
      const other = await joinAs(tokens().managerToken);
      const { nodeId } = worker.joined;
      await manager.store.transact((view) => {
        const node = view.get('nodes', nodeId);
        if (!node) throw new Error('no node');
        const session = { managerId: other.joined.nodeId, id: 's' };
        return { changes: [{ table: 'nodes', put: { ...node, session } }], result: undefined };
      });
      const telling = await tellBy(place, other.trust);
      const hears = (acknowledged: number) =>
        vi.waitFor(() => expect(manager.sessions.acknowledged(nodeId)).toBe(acknowledged), 10_000);
      telling.write(lineOf({ revision: 7, nodes: [nodeId], behind: {} }));
      await hears(7);
      telling.write(lineOf({ revision: 9, nodes: [nodeId], behind: { [nodeId]: 8 } }));
      await hears(8);
      telling.write(lineOf({ revision: 9, nodes: [], behind: {} }));
      await hears(0);
      telling.write(lineOf({ revision: 10, nodes: [nodeId], behind: {} }));
      await hears(10);
      telling.close();
      await hears(0);
    });

    it('tells a stranger the root CA, and nothing else', async () => {
      const { rootCa } = founded;
      const { request } = await makeRequest();
      await expect(renewBy(place, { rootCa }, request)).rejects.toThrow(
        'a certificate of the swarm is needed',
      );
      const nothing = { message: (_: ToNode) => undefined, closed: () => undefined };
      await expect(dialManager(place, { rootCa }, nothing)).rejects.toThrow(
        'a certificate of the swarm is needed',
      );
      await expect(joinAs(newToken(rootCa))).rejects.toThrow('A valid join token is necessary');
      await expect(joinAs(newToken('another'))).rejects.toThrow(
        /remote CA does not match fingerprint. Expected: [0-9a-f]{64}/,
      );
      const huge = { token: 'x'.repeat(100_000), request, availability: 'active', address: '' };
      const digest = readToken(tokens().workerToken)?.digest ?? '';
      await expect(joinBy(place, { digest, call: huge })).rejects.toThrow();
    });

    it.each(Object.keys(answersTo) as readonly (keyof typeof paths)[])(
      'answers each kind of caller of %s as it should',
      async (route) => {
        const expected = answersTo[route];
        callers ??= callersOf(manager, founded.nodeId);
        const said = new Map<string, string>();
        for (const [index, [kind, by]] of Object.entries(await callers).entries())
          said.set(kind, await callOf(place, { route, by, from: `127.99.0.${index + 1}` }));
        expect(Object.fromEntries(said)).toEqual(expected);
      },
    );

    it('speaks TLS 1.3 only', async () => {
      const session = connect(`https://${place}`, { maxVersion: 'TLSv1.2', rejectUnauthorized: false });
      await expect(new Promise((_, reject) => session.on('error', reject))).rejects.toThrow(
        /protocol|version|alert/i,
      );
    });

    it('keeps tokens and keys out of the files of its store, and out of its command line', () => {
      const { workerToken, rootKey } = tokens();
      const secret = workerToken.split('-').at(-1) ?? '';
      const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) =>
        one.isFile(),
      );
      for (const file of files) {
        const content = readFileSync(join(file.parentPath, file.name), 'latin1');
        expect([file.name, content.includes(secret), content.includes(rootKey.slice(40, 80))]).toEqual([
          ...[file.name, false, false],
        ]);
      }
      const pid = JSON.parse(readFileSync(join(folder, 'run/etcd.pid'), 'utf8')).pid;
      expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).not.toMatch(/SWMTKN|PRIVATE/);
    });

    it('goes on with the same store after the engine has ended', async () => {
      const pid = readFileSync(join(folder, 'run/etcd.pid'), 'utf8');
      const before = tokens();
      await manager.close();
      manager = await open();
      expect(tokens()).toEqual(before);
      expect(readFileSync(join(folder, 'run/etcd.pid'), 'utf8')).toBe(pid);
      // etcd that was killed is started again
      process.kill(JSON.parse(pid).pid, 'SIGKILL');
      await vi.waitFor(async () => {
        const [cluster] = manager.store.view.all('cluster');
        if (!cluster) throw new Error('no cluster');
        await manager.store.transact(() => ({
          changes: [{ table: 'cluster', put: cluster }],
          result: undefined,
        }));
      }, 30_000);
      expect(readFileSync(join(folder, 'run/etcd.pid'), 'utf8')).not.toBe(pid);
    });
  },
  60_000,
);
