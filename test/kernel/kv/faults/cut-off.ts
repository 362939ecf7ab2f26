import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { put } from '../../../contract/kv/follower.ts';
import { expectNothingTwice, following, type World } from './world.ts';

export function cutOffCases({ scheme, server, folder, open, relay, ttl, expiry }: World): void {
  describe('a client that is cut off', () => {
    it('says so at once, and catches up with the last state of each key', async () => {
      const where = folder();
      const [near, far] = [await open(where, server.address), await open(where, relay(0).address)];
      await near.transact({ put: ['a', 'b', 'c/d'].map((key) => ({ key, value: '1' })) });
      const { follower, away } = following(far);
      await follower.until(({ b }) => b === '1');
      await relay(0).cut();
      const began = performance.now();
      await expect(far.range('')).rejects.toMatchObject({ code: 'KV_AWAY', kind: 'unavailable' });
      await expect(far.transact(put('x', ''))).rejects.toMatchObject({ code: 'KV_AWAY' });
      expect(performance.now() - began).toBeLessThan(2_000);
      for (const value of ['2', '3', '4']) await near.transact(put('a', value));
      await near.transact({ ...put('new/e', '1'), remove: ['b'] });
      await sleep(200);
      await relay(0).mend();
      await follower.until((state) => state.a === '4' && state['new/e'] === '1' && !('b' in state));
      expect(follower.state).toEqual({ a: '4', 'c/d': '1', 'new/e': '1' });
      expectNothingTwice(follower);
      expect(away).toEqual(['KV_AWAY', 'back']);
      expect(follower.told.slice(1).map(({ kind }) => kind)).not.toContain('snapshot');
      await follower.stop();
    });

    it('goes to the next address, whether the first refuses or hangs', async () => {
      const where = folder();
      const kv = await open(where, relay(0).address, relay(1).address);
      await kv.transact(put('a', '1'));
      const { follower } = following(kv);
      await follower.until(({ a }) => a === '1');
      await relay(0).cut();
      expect((await kv.range('')).entries).toMatchObject([{ key: 'a' }]);
      await kv.transact(put('a', '2'));
      await follower.until(({ a }) => a === '2');
      await relay(0).mend();
      relay(1).silence();
      expect((await kv.range('', { deadline: 15_000 })).entries).toMatchObject([{ value: '2' }]);
      const near = await open(where, server.address);
      await near.transact(put('a', '3'));
      await follower.until(({ a }) => a === '3');
      expectNothingTwice(follower);
      await follower.stop();
    });

    // each request to Consul waits on a connection of its own: the kernel's keepalive finds one that is dead
    it.skipIf(scheme === 'consul')(
      'finds within seconds that a connection has died without a word',
      async () => {
        const where = folder();
        const [near, far] = [await open(where, server.address), await open(where, relay(0).address)];
        await near.transact(put('a', '1'));
        const { follower } = following(far);
        await follower.until(({ a }) => a === '1');
        relay(0).forget();
        await near.transact(put('a', '2'));
        const began = performance.now();
        await follower.until(({ a }) => a === '2');
        const found = Math.round(performance.now() - began);
        console.log(`${scheme}: a dead connection found after ${found} ms`);
        expect(found).toBeLessThan(5_000);
        expectNothingTwice(follower);
        await follower.stop();
      },
    );

    it('keeps its session for a while, and loses it after the ttl', async () => {
      const where = folder();
      const [near, far] = [await open(where, server.address), await open(where, relay(0).address)];
      const session = await far.session({ ttl });
      await far.transact({ put: [{ key: 'n', value: 'here', session }] });
      const { follower } = following(near);
      await follower.until(({ n }) => n === 'here');
      await relay(0).cut();
      await sleep(ttl / 3);
      await relay(0).mend();
      await sleep(ttl);
      expect(follower.state).toEqual({ n: 'here' });
      await far.transact({ put: [{ key: 'n', value: 'still', session }] });
      await relay(0).cut();
      const began = performance.now();
      await session.lost;
      expect(performance.now() - began).toBeLessThan(session.ttl + 2_000);
      await follower.until((state) => !('n' in state), expiry);
      const late = far.transact({ put: [{ key: 'n', value: 'late', session }] });
      await expect(late).rejects.toMatchObject({ code: 'KV_SESSION_LOST' });
      await follower.stop();
    });
  });
}
