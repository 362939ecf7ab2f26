import { expect, it, vi } from 'vitest';
import { replicas, start } from '../../test/swarm/cluster.ts';
import { service } from '../../test/swarm/fixture.ts';
import { createLogger } from '../observe/logger.ts';
import { Assigner } from '../swarm/assign.ts';
import { makeRootCa } from './certificates.ts';
import type { ToNode } from './protocol.ts';
import { Sessions } from './sessions.ts';
import type { ManagerStore } from './store.ts';

/** A manager's sessions over a cluster, with a node that reads when it is told to. */
async function managing() {
  const { cluster, ids } = start(1);
  const [record] = cluster.view.all('cluster');
  if (!record) throw new Error('no cluster');
  const { certificate } = await makeRootCa('swarm-ca');
  cluster.put({ table: 'cluster', put: { ...record, rootCa: certificate } });
  const store = {
    view: cluster.view,
    onChange: (listener: (typeof cluster.listeners)[number]) => {
      cluster.listeners.push(listener);
      return () => undefined;
    },
    transact: async (transition: Parameters<typeof cluster.commit>[0]) => cluster.commit(transition),
  };
  const sessions = new Sessions({
    ...{ store: store as unknown as ManagerStore, logger: createLogger('fatal'), managerId: 'm' },
    ...{ assigner: new Assigner(cluster.view), now: () => cluster.now, newId: () => 's' },
  });
  const sets: Extract<ToNode, { readonly op: 'assignments' }>[] = [];
  const reading: { waiting?: () => void; isSlow: boolean } = { isSlow: false };
  const [nodeId = ''] = ids;
  const session = sessions.open({
    ...{ nodeId, address: '192.0.2.1', end: () => undefined },
    send: (message) => {
      if (message.op === 'assignments') sets.push(message);
    },
    isBehind: (read) => {
      if (reading.isSlow) reading.waiting = read;
      return reading.isSlow;
    },
  });
  return { cluster, sessions, session, sets, reading, nodeId };
}

it('a node that reads slowly gets the newest set once it has read the last one, and not all between', async () => {
  const { cluster, sessions, session, sets, reading, nodeId } = await managing();
  expect(sets.map(({ isFirst }) => isFirst)).toEqual([true]);
  reading.isSlow = true;
  for (const name of ['a', 'b', 'c']) {
    cluster.create(service(name, replicas(1)));
    cluster.settle();
    await vi.waitFor(() => expect(reading.waiting).toBeDefined());
  }
  session.take({ op: 'acknowledge', revision: cluster.view.revision });
  // it has acknowledged all that it was sent, and not all that there is
  expect([sets.length, sessions.acknowledged(nodeId) < cluster.view.revision]).toEqual([1, true]);
  expect(sessions.progress('nobody')).toBeUndefined();
  reading.isSlow = false;
  reading.waiting?.();
  expect(sets.length).toBe(2);
  const tasks = Object.keys(sets[1]?.change.put ?? {}).filter((key) => key.startsWith('tasks '));
  expect(tasks).toHaveLength(3);
  cluster.now += 7_000;
  expect(sessions.progress(nodeId)).toMatchObject({ behind: 7_000 });
  session.take({ op: 'acknowledge', revision: cluster.view.revision });
  expect(sessions.acknowledged(nodeId)).toBe(cluster.view.revision);
  expect(sessions.progress(nodeId)).toEqual({ revision: cluster.view.revision });
  sessions.close();
});

it('a node that floods its manager has no session any more, and is not forgotten', async () => {
  const { cluster, sessions, session, nodeId } = await managing();
  const held = Promise.withResolvers<void>();
  const { store } = sessions.options as unknown as { store: { transact: (work: unknown) => Promise<void> } };
  const transact = vi.fn(async () => held.promise);
  store.transact = transact;
  const root = 'a'.repeat(64);
  for (let at = 0; at < 1_000; at++) session.take({ op: 'certified', issuer: `${at}`, root });
  expect([transact.mock.calls.length, session.isLive, sessions.has(nodeId)]).toEqual([256, false, true]);
  held.resolve();
  expect(cluster.view.get('nodes', nodeId)).toBeDefined();
  sessions.close();
});

it('reports that wait for the store are counted until they are on record', async () => {
  const { sessions, session } = await managing();
  const { store } = sessions.options as unknown as { store: { transact: (work: unknown) => Promise<void> } };
  let recorded = Promise.withResolvers<void>();
  const transact = vi.fn(() => recorded.promise);
  store.transact = transact;
  const status = { timestamp: '', state: 'running', message: '', error: '' } as const;
  const reports = Array.from({ length: 20_000 }, () => ({ taskId: 't'.repeat(25), status }));
  const report = (times: number): void => {
    for (let batch = 0; batch < times; batch++) session.take({ op: 'report', batch, reports });
  };
  report(5);
  await vi.waitFor(() => expect(transact).toHaveBeenCalledTimes(1));
  recorded.resolve();
  await recorded.promise;
  recorded = Promise.withResolvers<void>();
  await new Promise(setImmediate);
  report(5);
  expect(session.isLive).toBe(true);
  report(2);
  expect(session.isLive).toBe(false);
  sessions.close();
});
