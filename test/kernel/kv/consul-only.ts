/** What only Consul does to its clients: lists of access. */
import { afterEach, describe, expect, it, vi } from 'vitest';
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
