/** The key-value store in memory that tests use, and its faults. */
import { describe, expect, it } from 'vitest';
import { createMemoryStore, type MemoryStore } from '../kv/memory-kv.ts';
import { Follower, put } from './kv/follower.ts';
import { kvContract } from './kv.ts';

describe('the store in memory', () => {
  const store = createMemoryStore();
  kvContract(async (folder) => store.connect(folder));
});

describe('faults of the store in memory', () => {
  const three = (store: MemoryStore) => [store.connect(), store.connect(), store.connect()] as const;

  it('a client that is cut off fails by name, and catches up', async () => {
    const [one, two] = three(createMemoryStore());
    await one.transact({ put: ['a', 'b'].map((key) => ({ key, value: '1' })) });
    const away: (Error | undefined)[] = [];
    const follower = new Follower(two, '', (why) => away.push(why));
    await follower.until(({ b }) => b === '1');
    two.cut();
    await expect(two.range('')).rejects.toMatchObject({ code: 'KV_AWAY' });
    await one.transact({ ...put('a', '2'), remove: ['b'] });
    two.mend();
    await follower.until(({ a }) => a === '2');
    expect(follower.told).toMatchObject([
      { kind: 'snapshot' },
      { kind: 'changes', put: [{ key: 'a', value: '2' }], removed: ['b'] },
    ]);
    expect(away).toMatchObject([{ code: 'KV_AWAY' }, undefined]);
    await follower.stop();
  });

  it('a silent or slow store ends calls at their deadline', async () => {
    const [one] = three(createMemoryStore());
    one.cut('silent');
    await expect(one.range('', { deadline: 20 })).rejects.toMatchObject({ code: 'KV_TIMEOUT' });
    one.mend();
    one.delay = 50;
    await expect(one.transact(put('a', ''), { deadline: 20 })).rejects.toMatchObject({ code: 'KV_TIMEOUT' });
    expect((await one.range('', { deadline: 10_000 })).entries).toEqual([]);
  });

  it('a transaction whose answer is lost is done', async () => {
    const store = createMemoryStore();
    const [one] = three(store);
    one.cut('lost');
    await expect(one.transact(put('a', '1'))).rejects.toMatchObject({ code: 'KV_BROKEN' });
    await expect(one.range('')).rejects.toMatchObject({ code: 'KV_AWAY' });
    expect(store.dump()).toEqual({ a: '1' });
  });

  it('a session of a client that stays away ends after its ttl', async () => {
    const [one, two] = three(createMemoryStore());
    const session = await one.session({ ttl: 30 });
    await one.transact({ put: [{ key: 'n', value: '', session }] });
    const follower = new Follower(two);
    await follower.until((state) => 'n' in state);
    one.cut();
    await session.lost;
    await follower.until((state) => !('n' in state));
    await follower.stop();
  });

  it('a store that is restored or wiped tells its state as a snapshot, also to who was away', async () => {
    const store = createMemoryStore();
    const [one, two, three_] = three(store);
    await one.transact(put('a', '1'));
    const saved = store.save();
    await one.transact(put('a', '2'));
    const [near, far] = [new Follower(two), new Follower(three_)];
    await near.until(({ a }) => a === '2');
    await far.until(({ a }) => a === '2');
    three_.cut();
    store.restore(saved);
    await near.until(({ a }) => a === '1');
    three_.mend();
    await far.until(({ a }) => a === '1');
    store.wipe();
    await near.until((state) => Object.keys(state).length === 0);
    expect(near.told.map(({ kind }) => kind)).toEqual(['snapshot', 'snapshot', 'snapshot']);
    expect(far.told.slice(0, 2).map(({ kind }) => kind)).toEqual(['snapshot', 'snapshot']);
    await Promise.all([near.stop(), far.stop()]);
  });
});
