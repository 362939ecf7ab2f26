import { describe, expect, it } from 'vitest';
import type { KvClients } from './clients.ts';
import { equals, Follower, put } from './follower.ts';

export function watchCases({ folder, open }: KvClients): void {
  describe('watch', () => {
    it('tells the state, then what others change', async () => {
      const where = folder();
      const [one, two] = [await open(where), await open(where)];
      await one.transact({
        put: [
          { key: 'n/a', value: '1' },
          { key: 'n/b', value: '1' },
          { key: 'm/a', value: '1' },
        ],
      });
      const follower = new Follower(two, 'n');
      await follower.until(equals({ 'n/a': '1', 'n/b': '1' }));
      expect(follower.told).toMatchObject([{ kind: 'snapshot' }]);
      await one.transact({ ...put('n/c', '2'), remove: ['n/a'] });
      await one.transact(put('m/b', '2'));
      await one.transact(put('n/b', '3'));
      await follower.until(equals({ 'n/b': '3', 'n/c': '2' }));
      await follower.stop();
      expect(follower.told.slice(1).every(({ kind }) => kind === 'changes')).toBe(true);
      const { entries } = await one.range('n');
      expect([...follower.known.values()].map(({ key, revision }) => [key, revision]).toSorted()).toEqual(
        entries.map(({ key, revision }) => [key, revision]),
      );
    });

    it('begins with an empty folder, and follows it', async () => {
      const where = folder();
      const [one, two] = [await open(where), await open(where)];
      const follower = new Follower(two);
      await one.transact(put('a/b/c', '1'));
      await follower.until(equals({ 'a/b/c': '1' }));
      await one.transact({ remove: ['a/b/c'] });
      await follower.until(equals({}));
      await one.transact(put('a/b/c', '2'));
      await follower.until(equals({ 'a/b/c': '2' }));
      await follower.stop();
    });

    it('tells each state of a key once, and ends with the last, whatever comes at once', async () => {
      const where = folder();
      const [one, two] = [await open(where), await open(where)];
      const follower = new Follower(two);
      await follower.until(equals({}));
      await Promise.all(
        Array.from({ length: 10 }, async (_, key) => {
          for (let turn = 0; turn < 20; turn++) {
            if (turn % 5 === 3) await one.transact({ remove: [`k/${key}`] });
            else await one.transact(put(`k/${key}`, String(turn)));
          }
        }),
      );
      await follower.until((state) => Object.values(state).filter((value) => value === '19').length === 10);
      await follower.stop();
      const told = follower.told.flatMap((item) => (item.kind === 'snapshot' ? item.entries : item.put));
      const names = told.map(({ key, revision }) => `${key}@${revision}`);
      expect(new Set(names).size).toBe(names.length);
    });

    it('ends by its signal and with the store, and others go on', async () => {
      const where = folder();
      const [one, two] = [await open(where), await open(where)];
      const [kept, stopped] = [new Follower(one), new Follower(one)];
      await stopped.until(equals({}));
      await stopped.stop();
      await two.transact(put('a', '1'));
      await kept.until(equals({ a: '1' }));
      expect(stopped.known.size).toBe(0);
      await one.close();
      await kept.done;
      await expect(one.range('')).rejects.toMatchObject({ code: 'KV_CLOSED' });
    });
  });
}
