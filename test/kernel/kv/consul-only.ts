/** What only Consul does to its clients: lists of access. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Kv } from '../../../src/kv/kv.ts';
import { openKv } from '../../../src/kv/open.ts';
import { parseSource } from '../../../src/kv/source.ts';
import { Follower, put } from '../../contract/kv/follower.ts';
import type { Server } from './server.ts';

export function consulCases(guarded: Server, token: string): void {
  describe('with lists of access', { timeout: 60_000 }, () => {
    afterEach(async () => {
      vi.unstubAllEnvs();
      await guarded.kill();
    });

    it('an engine without a token is refused by name, and one with it is served', async () => {
      await guarded.start();
      const source = parseSource(`consul://${guarded.address}:8500/only`);
      const kv = await openKv(source, { folder: 'x' });
      await expect(kv.transact(put('a', '2'))).rejects.toMatchObject({ code: 'KV_REFUSED' });
      await expect(kv.session({ ttl: 10_000 })).rejects.toMatchObject({ code: 'KV_REFUSED' });
      vi.stubEnv('CONSUL_HTTP_TOKEN', token);
      const admitted = await openKv(source, { folder: 'x' });
      await expect
        .poll(
          () =>
            admitted.transact(put('a', '1')).then(
              ({ ok }) => ok,
              () => false,
            ),
          { timeout: 20_000 },
        )
        .toBe(true);
      const follower = new Follower(admitted);
      await follower.until(({ a }) => a === '1');
      await Promise.all([kv.close(), admitted.close()]);
    });
  });
}

/** A list that is followed in parts. */
export function longListCases(server: Server): void {
  describe('a long list', { timeout: 90_000 }, () => {
    const parts = ['a', 'b', 'c'].map((folder) => `${folder}/`);
    const open = (prefix: string) =>
      openKv(parseSource(`consul://${server.address}:8500/${prefix}`), { folder: 'x', parts });
    /** 600 keys, more than are followed as a whole. */
    const fill = async (kv: Kv): Promise<void> => {
      const names = Array.from({ length: 600 }, (_, i) => `${i % 2 ? 'a' : 'b'}/${i}`);
      for (let from = 0; from < names.length; from += 30)
        await kv.transact({
          put: names.slice(from, from + 30).map((key) => ({ key, value: 'x'.repeat(200) })),
        });
    };
    const count = (state: Record<string, string>) => Object.keys(state).length;

    it('is followed as it grows, key by key, also after the server was away', async () => {
      const kv = await open('long');
      const follower = new Follower(kv);
      await kv.transact(put('c/first', '1'));
      await follower.until((state) => count(state) === 1);
      await fill(kv);
      await follower.until((state) => count(state) === 601);
      const before = follower.told.length;
      await kv.transact({ put: [{ key: 'a/1', value: 'now' }], remove: ['b/2'] });
      await follower.until((state) => state['a/1'] === 'now' && !('b/2' in state));
      const told = follower.told.slice(before);
      expect(told.every(({ kind }) => kind === 'changes')).toBe(true);
      expect(told.flatMap((one) => (one.kind === 'changes' ? one.put : [])).map(({ key }) => key)).toEqual([
        'a/1',
      ]);
      await kv.transact(put('c/new', '2'));
      await follower.until((state) => state['c/new'] === '2');
      await server.restart();
      await vi.waitFor(() => kv.transact(put('c/new', '3')), { timeout: 30_000 });
      await follower.until((state) => state['c/new'] === '3' && count(state) === 601);
      await kv.close();
    });
  });
}
