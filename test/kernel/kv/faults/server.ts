import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { put } from '../../../contract/kv/follower.ts';
import { expectNothingTwice, following, type World } from './world.ts';

export function serverCases({ server, folder, open }: World): void {
  describe('a server', () => {
    it('that is stopped for 5 s ends calls at their deadline, and goes on where it was', async () => {
      const where = folder();
      const kv = await open(where, server.address);
      await kv.transact(put('a', '1'));
      const { follower, away } = following(kv);
      await follower.until(({ a }) => a === '1');
      await server.stop();
      const began = performance.now();
      await expect(kv.range('', { deadline: 700 })).rejects.toMatchObject({ code: 'KV_TIMEOUT' });
      await expect(kv.transact(put('late', '2'), { deadline: 700 })).rejects.toMatchObject({
        code: 'KV_TIMEOUT',
      });
      expect(performance.now() - began).toBeLessThan(4_000);
      await sleep(Math.max(0, 5_000 - (performance.now() - began)));
      server.resume();
      await kv.transact(put('a', '3'));
      await follower.until(({ a }) => a === '3');
      // it is slow, not away
      expect(away).toEqual([]);
      expectNothingTwice(follower);
      await follower.stop();
    });

    it('that is stopped for long is away, and comes back', async () => {
      const where = folder();
      const kv = await open(where, server.address);
      const { follower, away } = following(kv);
      await kv.transact(put('a', '1'));
      await follower.until(({ a }) => a === '1');
      await server.stop();
      const limit = performance.now() + 25_000;
      while (away.length === 0 && performance.now() < limit) await sleep(100);
      expect(away.length).toBe(1);
      server.resume();
      const near = await open(where, server.address);
      await near.transact(put('a', '2'));
      await follower.until(({ a }) => a === '2');
      await follower.stop();
    });

    it('that is killed and started again keeps watches and sessions going', async () => {
      const where = folder();
      const kv = await open(where, server.address);
      const session = await kv.session({ ttl: 20_000 });
      await kv.transact({
        put: [
          { key: 'n', value: '1', session },
          { key: 'a', value: '1' },
        ],
      });
      const { follower, away } = following(kv);
      await follower.until(({ a }) => a === '1');
      await server.kill();
      await expect(kv.range('')).rejects.toMatchObject({ code: 'KV_AWAY' });
      await server.start();
      await expect
        .poll(
          () =>
            kv.transact(put('a', '2')).then(
              ({ ok }) => ok,
              () => false,
            ),
          { timeout: 20_000 },
        )
        .toBe(true);
      await follower.until(({ a, n }) => a === '2' && n === '1');
      expectNothingTwice(follower);
      expect(follower.told.slice(1).map(({ kind }) => kind)).not.toContain('snapshot');
      expect([away[0], away.at(-1)]).toEqual(['KV_AWAY', 'back']);
      await kv.transact({ put: [{ key: 'n', value: '2', session }] });
      await session.close();
      await follower.until((state) => !('n' in state));
      await follower.stop();
    });

    it('that comes back without its data tells an empty snapshot of an older revision', async () => {
      const where = folder();
      const kv = await open(where, server.address);
      for (let turn = 0; turn < 20; turn++) await kv.transact(put('a', String(turn)));
      const { follower } = following(kv);
      await follower.until(({ a }) => a === '19');
      const before = (await kv.range('')).revision;
      await server.wipe();
      await server.start();
      await follower.until((state) => Object.keys(state).length === 0);
      const last = follower.told.at(-1);
      expect(last).toMatchObject({ kind: 'snapshot', entries: [] });
      expect(last?.revision).toBeLessThan(before);
      await kv.transact(put('b', '1'));
      await follower.until(({ b }) => b === '1');
      await follower.stop();
    });
  });
}
