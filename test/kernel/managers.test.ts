/** Several managers of a swarm, each with a real etcd, on addresses of the loopback. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ActiveMember } from '../../src/engine/swarm/active-member.ts';
import { fillSpec } from '../../src/engine/swarm/cluster-spec.ts';
import { initSwarm } from '../../src/engine/swarm/init.ts';
import { joinSwarm } from '../../src/engine/swarm/join.ts';
import { update } from '../../src/engine/swarm/membership.ts';
import { endEtcd } from '../../src/manager/end-etcd.ts';
import { NodeFiles } from '../../src/manager/node-files.ts';
import { digestOf } from '../../src/manager/tokens.ts';
import { createLogger } from '../../src/observe/logger.ts';
import type { SwarmStore } from '../../src/swarm/access.ts';
import { etcdProgram } from './kv/etcd-server.ts';
import { freeAddress, titleOf } from './kv/server.ts';
import { expiredPeer, peerAnswer } from './manager-callers.ts';

const folder = mkdtempSync('/tmp/seaway-managers-');
const names = ['one', 'two', 'three'] as const;
const addresses = names.map(() => freeAddress());
/** Half a minute: what is left of its store waits for a leader first. */
const ifLong = process.env.SEAWAY_COMPLAINTS === 'all' ? it : it.skip;
/** A busy machine elects slowly. */
const patience = { timeout: 90_000, interval: 200 };

const optionsOf = (index: number) => ({
  files: new NodeFiles(join(folder, names[index] ?? '', 'swarm')),
  run: join(folder, names[index] ?? '', 'run'),
  ...{ cgroups: [], logger: createLogger('error'), defaultAdvertise: '' },
  machine: {
    links: [{ index: 1, name: 'lo' }],
    addresses: addresses.map((address) => ({ link: 1, address: `${address}/8`, scope: 'host' })),
    isOwn: () => false,
  },
  changed: () => undefined,
  removed: () => undefined,
  warnings: [],
  checkDataPort: async () => undefined,
});
const asked = (index: number) => ({
  ...{ listenAddress: `${addresses[index]}:2377`, advertiseAddress: `${addresses[index]}:2377` },
  ...{ dataPathAddress: '', availability: 'active' as const },
});

describe.skipIf(!etcdProgram)(
  titleOf('several managers of a swarm', etcdProgram),
  () => {
    const members: ActiveMember[] = [];
    const member = (index: number): ActiveMember => {
      const found = members[index];
      if (!found) throw new Error(`no member ${index}`);
      return found;
    };
    const storeOf = (index: number): SwarmStore => {
      const { store } = member(index);
      if (!store) throw new Error(`member ${index} is no manager`);
      return store;
    };
    const managersSeenBy = (index: number): readonly string[] =>
      Array.from(storeOf(index).view.all('nodes'))
        .flatMap(({ manager }) =>
          manager ? [`${manager.reachability}${manager.leader ? ' leader' : ''}`] : [],
        )
        .toSorted();
    const label = (index: number, value: string): Promise<void> =>
      storeOf(index).transact((view) => {
        const [cluster] = view.all('cluster');
        if (!cluster) throw new Error('no cluster');
        const put = { ...cluster, spec: { ...cluster.spec, Labels: { value } } };
        return { changes: [{ table: 'cluster', put }], result: undefined };
      });
    const labelSeenBy = (index: number): string | undefined =>
      Array.from(storeOf(index).view.all('cluster'))[0]?.spec.Labels.value;
    const setRole = (by: number, index: number, Role: 'manager' | 'worker'): Promise<void> =>
      storeOf(by).transact((view) => {
        const node = view.get('nodes', member(index).identity.nodeId);
        if (!node) throw new Error('no node');
        return {
          changes: [{ table: 'nodes', put: { ...node, spec: { ...node.spec, Role } } }],
          result: undefined,
        };
      });
    const leaderOf = (by: number): number =>
      members.findIndex(
        ({ identity }) => storeOf(by).view.get('nodes', identity.nodeId)?.manager?.leader === true,
      );

    /** As after a restart of its engine. */
    const again = async (index: number): Promise<void> => {
      const { ActiveMember } = await import('../../src/engine/swarm/active-member.ts');
      const { files } = optionsOf(index);
      const identity = files.identity();
      if (!identity) throw new Error('no identity');
      members[index] = new ActiveMember({ ...optionsOf(index), identity, keys: files.keys() });
      member(index).begin();
    };

    beforeAll(async () => {
      process.env.PATH = `${process.env.PATH}:${dirname(etcdProgram ?? '')}`;
      members.push(
        await initSwarm(
          {
            ...{ ...asked(0), dataPathPort: 0, addressPools: [], subnetSize: 24, forceNewCluster: false },
            ...{ autoLock: false, spec: fillSpec({}) },
          },
          { ...optionsOf(0), mtuOf: () => 1500 },
        ),
      );
    }, 60_000);
    afterAll(async () => {
      for (const [index, one] of members.entries()) {
        await one.close();
        await endEtcd(optionsOf(index).run);
      }
      rmSync(folder, { recursive: true, force: true });
    }, 120_000);

    it('a node that joins by the token of managers becomes one', async () => {
      const [keys] = storeOf(0).view.all('keys');
      for (const index of [1, 2]) {
        const joining = {
          ...asked(index),
          token: keys?.managerToken ?? '',
          remoteAddresses: [`${addresses[0]}`],
        };
        const joined = await joinSwarm(joining, { ...optionsOf(index), signal: AbortSignal.timeout(60_000) });
        members.push(joined);
        joined.begin();
        await vi.waitFor(() => expect(joined.standing().state).toBe('active'), patience);
      }
      await vi.waitFor(
        () => expect(managersSeenBy(2)).toEqual(['reachable', 'reachable', 'reachable leader']),
        patience,
      );
      await label(1, 'from two');
      for (const by of [0, 2]) await vi.waitFor(() => expect(labelSeenBy(by)).toBe('from two'), patience);
    });

    it('a join that is given up ends with the reason', async () => {
      const over = new AbortController();
      const [keys] = storeOf(0).view.all('keys');
      const nobody = {
        ...asked(1),
        token: keys?.workerToken ?? '',
        remoteAddresses: [`${freeAddress()}:2377`],
      };
      const joining = joinSwarm(nobody, { ...optionsOf(1), signal: over.signal });
      setTimeout(() => over.abort(new Error('given up')), 300);
      await expect(joining).rejects.toThrow('given up');
    });

    it('a log is read from the manager that has the session of its node', async () => {
      member(2).link.serveLogs(async function* () {
        yield Buffer.from('one\n');
        yield Buffer.from('two\n');
      });
      const id = 'a'.repeat(25);
      const request = {
        ...{ taskId: id, serviceId: id, containerId: 'c', stdout: true, stderr: true, follow: false },
        ...{ timestamps: false, details: false },
      };
      const read = async (by: number, nodeId: string): Promise<readonly string[] | undefined> => {
        const log = member(by).inside?.logs.readLog(nodeId, request, AbortSignal.timeout(20_000));
        const pieces: string[] = [];
        for await (const piece of log ?? []) pieces.push(String(piece));
        return log && pieces;
      };
      const { nodeId } = member(2).identity;
      await vi.waitFor(async () => expect(await read(2, nodeId)).toEqual(['one\n', 'two\n']), patience);
      await vi.waitFor(async () => expect(await read(0, nodeId)).toEqual(['one\n', 'two\n']), patience);
      expect(await read(0, 'b'.repeat(25))).toBeUndefined();
    });

    it('the root CA is replaced in all of them, and with it the tokens', async () => {
      const clusterSeenBy = (index: number) => {
        const [cluster] = storeOf(index).view.all('cluster');
        if (!cluster) throw new Error('no cluster');
        return cluster;
      };
      const { version, spec, rootCa } = clusterSeenBy(0);
      const rotate = { workerToken: false, managerToken: false, unlockKey: false };
      const rotated = { ...spec, CAConfig: { ...spec.CAConfig, ForceRotate: 1 } };
      await update(storeOf(0), { version, spec: rotated, rotate });
      await vi.waitFor(() => expect(clusterSeenBy(1).rootCa).not.toBe(rootCa), patience);
      const next = clusterSeenBy(1).rootCa;
      expect(clusterSeenBy(1).nextRoot).toBeUndefined();
      const trusted = () => Array.from(storeOf(1).view.all('nodes'), (one) => one.certificate?.trustRoot);
      await vi.waitFor(() => expect(trusted()).toEqual([next, next, next]), patience);
      expect(members.map(({ identity }) => identity.rootCa)).toEqual([next, next, next]);
      const [keys] = storeOf(1).view.all('keys');
      expect(keys?.workerToken).toContain(digestOf(next));

      // who saw nothing of it is let in by its old certificates, and has new ones at once
      const gone = optionsOf(2).files;
      await member(2).close();
      const identity = gone.identity();
      if (!identity) throw new Error('no identity');
      const { ActiveMember } = await import('../../src/engine/swarm/active-member.ts');
      members[2] = new ActiveMember({
        ...optionsOf(2),
        identity: { ...identity, rootCa },
        keys: gone.keys(),
      });
      member(2).begin();
      await vi.waitFor(() => expect(member(2).identity.rootCa).toBe(next), patience);
      await label(2, 'by the next root CA');
      await vi.waitFor(() => expect(labelSeenBy(0)).toBe('by the next root CA'), patience);
    });

    it('another one leads when the leader is gone, and it is one of them again when it is back', async () => {
      const gone = leaderOf(0);
      const [by] = [0, 1, 2].filter((index) => index !== gone);
      await member(gone).close();
      // its etcd goes on, and leads
      await vi.waitFor(() => expect([-1, gone]).not.toContain(leaderOf(by ?? 0)), patience);
      await endEtcd(optionsOf(gone).run);
      await vi.waitFor(() => label(by ?? 0, 'without it'), patience);
      await vi.waitFor(() => expect(managersSeenBy(by ?? 0)).toContain('unreachable'), patience);

      await again(gone);
      await vi.waitFor(() => expect(labelSeenBy(gone)).toBe('without it'), patience);
      await vi.waitFor(() => expect(managersSeenBy(gone)).not.toContain('unreachable'), patience);
    });

    it('one that is demoted ends its store, and can be promoted again', async () => {
      const { manager: before, node } = optionsOf(2).files.keys();
      if (!before) throw new Error('no keys of a manager');
      expect(await peerAnswer(addresses[0], { by: before.peer, ca: before.peerCa })).toContain('etcdserver');
      await setRole(0, 2, 'worker');
      await vi.waitFor(() => expect(member(2).identity.role).toBe('worker'), patience);
      await vi.waitFor(() => expect(managersSeenBy(0)).toHaveLength(2), patience);
      const keysOnDisk = (): string => readFileSync(join(optionsOf(2).files.folder, 'keys.json'), 'utf8');
      await vi.waitFor(() => expect(keysOnDisk()).not.toContain('peer'), patience);
      // its certificate among the members is refused by all of them, a certificate of a node and a stranger always were
      for (const index of [0, 1]) {
        await vi.waitFor(
          async () =>
            expect(await peerAnswer(addresses[index], { by: before.peer, ca: before.peerCa })).toBe(''),
          patience,
        );
        for (const by of [node, undefined, await expiredPeer(storeOf(0), member(0).identity)])
          expect(await peerAnswer(addresses[index], { by, ca: before.peerCa })).toBe('');
      }
      await setRole(0, 2, 'manager');
      await vi.waitFor(() => expect(managersSeenBy(0)).toHaveLength(3), patience);
      await vi.waitFor(() => expect(member(2).store).toBeDefined(), patience);
      await label(2, 'from three');
    });

    ifLong('one that is demoted while away is a worker when it is back (SEAWAY_COMPLAINTS=all)', async () => {
      await member(2).close();
      await endEtcd(optionsOf(2).run);
      await setRole(0, 2, 'worker');
      await vi.waitFor(() => expect(managersSeenBy(0)).toHaveLength(2), patience);
      await again(2);
      const isActive = () => expect(member(2).standing()).toMatchObject({ state: 'active', error: '' });
      await vi.waitFor(isActive, patience);
      expect([member(2).role, optionsOf(2).files.keys().manager]).toEqual(['worker', undefined]);
      await setRole(0, 2, 'manager');
      await vi.waitFor(() => expect(member(2).store).toBeDefined(), patience);
      await vi.waitFor(() => expect(managersSeenBy(0)).toHaveLength(3), patience);
    });

    it('without a majority nothing is changed, and one goes on by --force-new-cluster', async () => {
      await vi.waitFor(() => expect(labelSeenBy(0)).toBe('from three'), patience);
      for (const index of [1, 2]) {
        await member(index).close();
        await endEtcd(optionsOf(index).run);
      }
      await vi.waitFor(
        () => expect(label(0, 'alone')).rejects.toThrow(/does not have a leader|deadline/),
        patience,
      );
      await member(0).forceNew();
      await vi.waitFor(() => label(0, 'alone'), patience);
      expect(managersSeenBy(0)).toHaveLength(1);
      const [cluster] = storeOf(0).view.all('cluster');
      expect(cluster?.epoch.generation).toBe(2);
    });

    it('one whose store is lost begins again from a copy of its records, where the user says so', async () => {
      const { files, run } = optionsOf(0);
      const ids = Array.from(storeOf(0).view.all('nodes'), ({ id }) => id).toSorted();
      await member(0).close();
      await endEtcd(run);
      rmSync(join(files.folder, 'etcd'), { recursive: true });
      await again(0);
      await vi.waitFor(
        () => expect(member(0).standing().error).toMatch(/--force-new-cluster begins it again from records-/),
        patience,
      );
      await member(0).forceNew();
      await vi.waitFor(() => label(0, 'restored'), patience);
      expect(Array.from(storeOf(0).view.all('nodes'), ({ id }) => id).toSorted()).toEqual(ids);
      expect(Array.from(storeOf(0).view.all('cluster'))[0]?.epoch.generation).toBe(3);
    });
  },
  240_000,
);
