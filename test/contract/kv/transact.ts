import { describe, expect, it } from 'vitest';
import { revisionsOf } from '../../../src/kv/difference.ts';
import type { Kv } from '../../../src/kv/kv.ts';
import type { KvClients } from './clients.ts';
import { put } from './follower.ts';

export function transactCases({ folder, open }: KvClients): void {
  describe('transact', () => {
    it('gives each key that is put its revision, which grows', async () => {
      const kv = await open(folder());
      const first = await kv.transact({
        put: [
          { key: 'a', value: '1' },
          { key: 'b/c', value: '1' },
        ],
      });
      const second = await kv.transact(put('a', '2'));
      const { entries, revision } = await kv.range('');
      if (!first.ok || !second.ok) throw new Error('nothing was compared');
      expect(revisionsOf(entries)).toEqual(
        new Map([
          ['a', second.revision],
          ['b/c', first.revision],
        ]),
      );
      expect(second.revision).toBeGreaterThan(first.revision);
      expect(revision).toBeGreaterThanOrEqual(second.revision);
    });

    it('gives a key a new revision that is put as it was', async () => {
      const kv = await open(folder());
      await kv.transact({ put: ['a', 'b'].map((key) => ({ key, value: 'same' })) });
      const again = await kv.transact({
        put: [
          { key: 'a', value: 'same' },
          { key: 'b', value: 'other' },
        ],
      });
      if (!again.ok) throw new Error('nothing was compared');
      expect((await kv.range('')).entries.map(({ revision }) => revision)).toEqual([
        again.revision,
        again.revision,
      ]);
    });

    it('does nothing where one comparison fails, and tells what is there', async () => {
      const kv = await open(folder());
      const made = await kv.transact({
        compare: [{ key: 'a', absent: true }],
        put: [{ key: 'a', value: '1' }],
      });
      if (!made.ok) throw new Error('it was there');
      const others = [{ key: 'a', value: '1', revision: made.revision }];
      const again = {
        compare: [
          { key: 'a', absent: true },
          { key: 'b', absent: true },
        ] as const,
      };
      const refused = await kv.transact({
        ...again,
        put: [
          { key: 'b', value: '2' },
          { key: 'c/d', value: '2' },
        ],
      });
      expect(refused).toEqual({ ok: false, others });
      const stale = await kv.transact({
        compare: [{ key: 'a', revision: made.revision - 1 }],
        remove: ['a'],
      });
      expect(stale).toEqual({ ok: false, others });
      expect((await kv.range('')).entries).toEqual(others);
      const gone = await kv.transact({
        compare: [{ key: 'nothing', revision: 1 }],
        put: [{ key: 'b', value: '' }],
      });
      expect(gone).toEqual({ ok: false, others: [] });
    });

    it('compares, puts and removes at once', async () => {
      const kv = await open(folder());
      const made = await kv.transact({ put: ['a', 'b', 'c/d'].map((key) => ({ key, value: '1' })) });
      if (!made.ok) throw new Error('nothing was compared');
      const done = await kv.transact({
        compare: [
          { key: 'a', revision: made.revision },
          { key: 'b', revision: made.revision },
          { key: 'x', absent: true },
          { key: 'c/d', revision: made.revision },
        ],
        put: [
          { key: 'a', value: '2' },
          { key: 'x', value: 'new' },
        ],
        remove: ['b', 'never/was'],
      });
      expect(done.ok).toBe(true);
      const { entries } = await kv.range('');
      expect(entries.map(({ key, value }) => [key, value]).toSorted()).toEqual([
        ['a', '2'],
        ['c/d', '1'],
        ['x', 'new'],
      ]);
    });

    it('tells a key made again from the one that was there', async () => {
      const kv = await open(folder());
      const made = await kv.transact(put('a', '1'));
      if (!made.ok) throw new Error('nothing was compared');
      await kv.transact({ remove: ['a'] });
      const again = await kv.transact(put('a', '1'));
      if (!again.ok) throw new Error('nothing was compared');
      const stale = await kv.transact({ compare: [{ key: 'a', revision: made.revision }], ...put('a', '3') });
      expect(stale).toEqual({ ok: false, others: [{ key: 'a', value: '1', revision: again.revision }] });
      const fresh = await kv.transact({
        compare: [{ key: 'a', revision: again.revision }],
        ...put('a', '4'),
      });
      expect(fresh.ok).toBe(true);
    });

    it('has 64 operations, and refuses more before anything is asked', async () => {
      const kv = await open(folder());
      const keys = Array.from({ length: 64 }, (_, index) => `n/${String(index).padStart(2, '0')}`);
      await kv.transact({ put: keys.map((key) => ({ key, value: key })) });
      const { entries } = await kv.range('n');
      expect(entries.map(({ key }) => key)).toEqual(keys);
      const compare = entries.slice(0, 32).map(({ key, revision }) => ({ key, revision }));
      const half = { compare, put: compare.map(({ key }) => ({ key, value: 'changed' })) };
      expect((await kv.transact(half)).ok).toBe(true);
      await expect(kv.transact({ ...half, remove: ['one-more'] })).rejects.toMatchObject({
        code: 'KV_TOO_LARGE',
      });
      expect((await kv.transact({ remove: keys })).ok).toBe(true);
      expect((await kv.range('')).entries).toEqual([]);
    });

    it('carries a value of 256 KiB, and refuses a larger one', async () => {
      const kv = await open(folder());
      const value = 'x'.repeat(256 * 1024);
      await kv.transact(put('large', value));
      const { entries } = await kv.range('');
      expect(entries[0]?.value === value).toBe(true);
      await expect(kv.transact(put('larger', `${value}x`))).rejects.toMatchObject({ code: 'KV_TOO_LARGE' });
    });

    it('refuses what cannot be a key', async () => {
      const kv = await open(folder());
      for (const key of ['', '/', 'a//b', 'a/', '/a', 'a/../b', '.', 'a b', 'ä', '=a', 'x/=', 'a\0'])
        await expect(kv.transact(put(key, ''))).rejects.toMatchObject({ code: 'KV_KEY_INVALID' });
      await expect(kv.range('a/')).rejects.toMatchObject({ code: 'KV_KEY_INVALID' });
    });

    it('lets one of many win', async () => {
      const where = folder();
      const clients = await Promise.all([open(where), open(where), open(where)]);
      for (let round = 0; round < 10; round++) {
        const key = `claims/${round}`;
        const tries = clients.flatMap((kv, index) =>
          [0, 1, 2].map((turn) =>
            kv.transact({ compare: [{ key, absent: true }], put: [{ key, value: `${index}.${turn}` }] }),
          ),
        );
        const results = await Promise.all(tries);
        expect(results.filter(({ ok }) => ok)).toHaveLength(1);
      }
    });

    it('counts right where many add at once', async () => {
      const where = folder();
      const clients = await Promise.all([open(where), open(where), open(where)]);
      await clients[0].transact(put('sum', '0'));
      const add = async (kv: Kv): Promise<void> => {
        for (;;) {
          const sum = (await kv.range('')).entries[0];
          if (sum === undefined) throw new Error('it is gone');
          const { key, revision, value } = sum;
          const next = await kv.transact({
            compare: [{ key, revision }],
            ...put('sum', String(Number(value) + 1)),
          });
          if (next.ok) return;
        }
      };
      await Promise.all(
        clients.map(async (kv) => {
          for (let turn = 0; turn < 10; turn++) await add(kv);
        }),
      );
      expect((await clients[1].range('')).entries).toMatchObject([{ value: '30' }]);
    });
  });
}
