import { describe, expect, it } from 'vitest';
import type { KvClients } from './clients.ts';
import { equals, Follower, put } from './follower.ts';

export function sessionCases({ folder, open }: KvClients): void {
  describe('session', () => {
    it('takes its keys along when it is closed, and no others', async () => {
      const where = folder();
      const [one, two] = [await open(where), await open(where)];
      const session = await one.session({ ttl: 10_000 });
      expect(session.ttl).toBeGreaterThanOrEqual(4_000);
      await one.transact({
        put: [
          { key: 'nodes/one', value: 'here', session },
          { key: 'nodes/two', value: 'stays' },
        ],
      });
      const follower = new Follower(two);
      await follower.until(equals({ 'nodes/one': 'here', 'nodes/two': 'stays' }));
      await session.close();
      await session.lost;
      await follower.until(equals({ 'nodes/two': 'stays' }));
      await follower.stop();
      const late = one.transact({ put: [{ key: 'nodes/one', value: 'late', session }] });
      await expect(late).rejects.toMatchObject({ code: 'KV_SESSION_LOST' });
    });

    it('holds a key through changes of its value, and lets it go', async () => {
      const where = folder();
      const [one, two] = [await open(where), await open(where)];
      const session = await one.session({ ttl: 10_000 });
      await one.transact({ put: ['a', 'b', 'c'].map((key) => ({ key, value: '1', session })) });
      await one.transact({ put: ['a', 'b'].map((key) => ({ key, value: '2', session })) });
      await one.transact({ put: [{ key: 'b', value: '3' }] });
      await session.close();
      const follower = new Follower(two);
      await follower.until(equals({ b: '3' }));
      await follower.stop();
    });

    it('takes a key over from another session, and from none', async () => {
      const where = folder();
      const [one, two] = [await open(where), await open(where)];
      const [before, after] = [await one.session({ ttl: 10_000 }), await two.session({ ttl: 10_000 })];
      const made = await one.transact({ put: [{ key: 'n', value: 'before', session: before }] });
      if (!made.ok) throw new Error('nothing was compared');
      await one.transact(put('m', 'free'));
      const taken = await two.transact({
        compare: [{ key: 'n', revision: made.revision }],
        put: [
          { key: 'n', value: 'after', session: after },
          { key: 'm', value: 'bound', session: after },
        ],
      });
      expect(taken.ok).toBe(true);
      await before.close();
      const entries = (await two.range('')).entries.map(({ key, value }) => [key, value]);
      expect(entries).toEqual([
        ['m', 'bound'],
        ['n', 'after'],
      ]);
      await after.close();
      const follower = new Follower(one);
      await follower.until(equals({}));
      await follower.stop();
    });

    it('ends by its signal', async () => {
      const kv = await open(folder());
      const stop = new AbortController();
      const session = await kv.session({ ttl: 10_000, signal: stop.signal });
      await kv.transact({ put: [{ key: 'n', value: '', session }] });
      stop.abort();
      await session.lost;
      const follower = new Follower(kv);
      await follower.until(equals({}));
      await follower.stop();
    });
  });
}
