import { describe, expect, it } from 'vitest';
import type { KvClients } from './clients.ts';
import { put } from './follower.ts';

export function rangeCases({ folder, open }: KvClients): void {
  describe('range', () => {
    it('has the keys below a prefix, not those that begin alike, in order', async () => {
      const kv = await open(folder());
      expect((await kv.range('')).entries).toEqual([]);
      const keys = ['a/b', 'a/b/c', 'a/d', 'ab/c', 'a', 'a-/x', 'a0'];
      await kv.transact({ put: keys.map((key) => ({ key, value: `of ${key}` })) });
      const below = await kv.range('a');
      expect(below.entries.map(({ key }) => key)).toEqual(['a/b', 'a/b/c', 'a/d']);
      expect(below.entries[1]?.value).toBe('of a/b/c');
      expect((await kv.range('a/b')).entries.map(({ key }) => key)).toEqual(['a/b/c']);
      expect((await kv.range('')).entries.map(({ key }) => key).toSorted()).toEqual(keys.toSorted());
    });

    it('is of one folder', async () => {
      const where = folder();
      const [one, other, deeper] = [await open(where), await open(`${where}0`), await open(`${where}/x`)];
      await one.transact(put('x/y', 'one'));
      await other.transact(put('x/y', 'other'));
      await deeper.transact(put('z', 'deeper'));
      expect((await one.range('x')).entries.map(({ key, value }) => [key, value])).toEqual([
        ['x/y', 'one'],
        ['x/z', 'deeper'],
      ]);
      expect((await other.range('')).entries).toMatchObject([{ value: 'other' }]);
    });

    it('has values as they were put', async () => {
      const kv = await open(folder());
      const values = {
        empty: '',
        words: 'Straße, 北京, 🚢, \0 "and" \n',
        json: JSON.stringify({ a: [1, null] }),
      };
      await kv.transact({ put: Object.entries(values).map(([key, value]) => ({ key, value })) });
      const { entries } = await kv.range('');
      expect(Object.fromEntries(entries.map(({ key, value }) => [key, value]))).toEqual(values);
    });

    it('has odd keys, an address of IPv6 among them', async () => {
      const kv = await open(folder());
      const keys = ['ip/n1/fd00::1', 'ip/n1/10.0.0.1', 'x/%2F?a=b&c#d', "x/~!$'()*,;@", 'x/...', 'x/a=+'];
      await kv.transact({ put: keys.map((key) => ({ key, value: key })) });
      expect((await kv.range('')).entries.map(({ key }) => key).toSorted()).toEqual(keys.toSorted());
      expect((await kv.range('ip/n1')).entries).toHaveLength(2);
    });
  });
}
