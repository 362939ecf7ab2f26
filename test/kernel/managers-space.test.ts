/** A store of managers that has reached its limit, with a real etcd. */
import { describe, expect, it, vi } from 'vitest';
import { openAdmin } from '../../src/kv/etcd/admin.ts';
import { openKv } from '../../src/kv/open.ts';
import { parseSource } from '../../src/kv/source.ts';
import { Space } from '../../src/manager/space.ts';
import { createLogger } from '../../src/observe/logger.ts';
import { etcdProgram, etcdServer } from './kv/etcd-server.ts';
import { titleOf } from './kv/server.ts';

describe.skipIf(!etcdProgram)(
  titleOf('a store of managers that has reached its limit', etcdProgram),
  () => {
    const server = etcdServer({ flags: ['--quota-backend-bytes', `${4 << 20}`] });
    const value = 'x'.repeat(200 << 10);

    it('is cleaned, and takes changes again', async () => {
      await server.start();
      const kv = await openKv(parseSource(`etcd://${server.address}:2379/full`), { folder: 'swarm' });
      const admin = openAdmin({ host: server.address, port: 2379 });
      const space = new Space({ admin, data: server.folder, logger: createLogger('fatal') });
      const fill = async (): Promise<void> => {
        for (let i = 0; i < 60; i++) await kv.transact({ put: [{ key: 'one', value }] });
      };
      await expect(fill()).rejects.toThrow('database space exceeded');
      expect(await admin.status()).toMatchObject({ isFull: true });
      space.look(await admin.status(), true);
      await vi.waitFor(async () => expect(await admin.status()).toMatchObject({ isFull: false }), {
        ...{ timeout: 60_000, interval: 200 },
      });
      await kv.transact({ put: [{ key: 'two', value }] });
      admin.close();
      await kv.close();
    });
  },
  120_000,
);
