import { expect, it, onTestFinished } from 'vitest';
import { createMemoryStore, type MemoryKv, type MemoryStore } from '../../test/kv/memory-kv.ts';
import { fail } from '../errors.ts';
import { createLogger } from '../observe/logger.ts';
import { SwarmMemory } from '../swarm/memory.ts';
import type { SwarmChange, SwarmSecret, SwarmTransition } from '../swarm/records.ts';
import { newSecret, sealBy } from './sealing.ts';
import { ManagerStore } from './store.ts';

const secret = newSecret();
const at = '2026-01-01T00:00:00.000000000Z';

async function open(store: MemoryStore): Promise<{ readonly store: ManagerStore; readonly kv: MemoryKv }> {
  const kv = store.connect();
  const opened = new ManagerStore({
    ...{ kv, seal: sealBy(secret), memory: new SwarmMemory(), logger: createLogger('error') },
  });
  await opened.begin(5_000);
  onTestFinished(() => opened.close());
  return { store: opened, kv };
}

const named = (id: string, labels: Readonly<Record<string, string>>): SwarmSecret => ({
  ...{ id, version: 0, createdAt: at, updatedAt: at, spec: { Name: id, Labels: labels, Data: 'c2VjcmV0' } },
});
const put = (record: SwarmSecret): SwarmChange => ({ table: 'secrets', put: record });
const count: SwarmTransition<number> = (view) => {
  const next = Number(view.get('secrets', 'a')?.spec.Labels.count ?? 0) + 1;
  return { changes: [put(named('a', { count: `${next}` }))], result: next };
};

it('transactions of two managers have each seen the one before', async () => {
  const shared = createMemoryStore();
  const [one, two] = [await open(shared), await open(shared)];
  const results = await Promise.all(
    Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? one : two).store.transact(count)),
  );
  expect(results.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  await expect.poll(() => two.store.view.get('secrets', 'a')?.spec.Labels.count).toBe('20');
  expect(two.store.view.byName('secrets', 'a')?.version).toBe(one.store.view.get('secrets', 'a')?.version);
});

it('what was written is in the view at once, with its version, and listeners see how it was', async () => {
  const { store } = await open(createMemoryStore());
  const seen: (string | undefined)[] = [];
  store.onChange((changes, before) => {
    for (const change of changes)
      seen.push(before.get('secrets', 'put' in change ? change.put.id : change.remove)?.spec.Labels.count);
  });
  await store.transact(count);
  await store.transact(count);
  expect(store.view.get('secrets', 'a')?.version).toBe(store.view.revision);
  await store.transact(() => ({ changes: [{ table: 'secrets', remove: 'a' }], result: undefined }));
  expect(store.view.byName('secrets', 'a')).toBeUndefined();
  expect(seen).toEqual([undefined, '1', '2']);
});

it('a manager that led before commits nothing any more', async () => {
  const shared = createMemoryStore();
  const [one, two] = [await open(shared), await open(shared)];
  await one.store.lead('one');
  const fence = (): void => {
    if (one.store.leader !== 'one') throw new Error('another manager leads');
  };
  await one.store.transact(count, fence);
  await two.store.lead('two');
  await expect(one.store.transact(count, fence)).rejects.toThrow('another manager leads');
  expect(two.store.view.get('secrets', 'a')?.spec.Labels.count).toBe('1');
});

it('keeps no record in clear', async () => {
  const shared = createMemoryStore();
  const { store, kv } = await open(shared);
  await store.transact(count);
  const { entries } = await kv.range('');
  expect(entries.map(({ key }) => key).toSorted()).toEqual(['objects/secrets/a', 'turn']);
  expect(JSON.stringify(entries)).not.toContain('c2VjcmV0');
});

it('says that there is no leader while etcd elects one', async () => {
  const { store, kv } = await open(createMemoryStore());
  const { transact } = kv;
  kv.transact = async () => {
    throw fail('KV_BROKEN', 'etcd', 'transact', 'etcdserver: leader changed');
  };
  await expect(store.transact(count)).rejects.toThrow('The swarm does not have a leader');
  kv.transact = async () => {
    throw fail('KV_BROKEN', 'etcd', 'transact', 'socket hang up');
  };
  await expect(store.transact(count)).rejects.toThrow('rpc error: code = Unavailable');
  kv.transact = transact.bind(kv);
  expect(await store.transact(count)).toBe(1);
});

it('refuses at once without a leader in the store, and goes on when there is one', async () => {
  const { store, kv } = await open(createMemoryStore());
  kv.cut();
  await expect(store.transact(count)).rejects.toThrow('The swarm does not have a leader');
  kv.mend();
  expect(await store.transact(count)).toBe(1);
});
