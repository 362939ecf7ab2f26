/** What only etcd does to its clients: compaction, users. Asked for by its HTTP gateway. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Kv } from '../../../src/kv/kv.ts';
import { openKv } from '../../../src/kv/open.ts';
import { parseSource } from '../../../src/kv/source.ts';
import { Follower, put } from '../../contract/kv/follower.ts';
import { etcdCluster } from './etcd-server.ts';
import { openRelay } from './relay.ts';
import type { Server } from './server.ts';

export function etcdCases(server: Server, guarded: Server): void {
  const ask = async ({ address }: Server, path: string, body: object): Promise<void> => {
    const response = await fetch(`http://${address}:2379/v3/${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(await response.text());
  };
  const open = (address: string) => openKv(parseSource(`etcd://${address}:2379/only`), { folder: 'x' });

  it('a watch that comes back after a compaction reads again, and tells the difference', async () => {
    const relay = await openRelay({ address: server.address, port: 2379 });
    const [near, far] = [await open(server.address), await open(relay.address)];
    await near.transact({ put: ['a', 'b', 'c'].map((key) => ({ key, value: '1' })) });
    const follower = new Follower(far);
    await follower.until(({ c }) => c === '1');
    await relay.cut();
    for (let turn = 2; turn < 12; turn++) await near.transact(put('a', String(turn)));
    await near.transact({ remove: ['b'] });
    const { revision } = await near.range('');
    await ask(server, 'kv/compaction', { revision: String(revision), physical: true });
    await relay.mend();
    await follower.until(({ a, b }) => a === '11' && b === undefined);
    expect(follower.state).toEqual({ a: '11', c: '1' });
    expect(follower.told).toMatchObject([
      { kind: 'snapshot' },
      { kind: 'changes', put: [{ key: 'a', value: '11' }], removed: ['b'] },
    ]);
    await near.transact(put('c', '2'));
    await follower.until(({ c }) => c === '2');
    await Promise.all([near.close(), far.close()]);
  });

  it('a watch is told of changes in order, and each of a burst of transactions is whole', async () => {
    const [one, two] = [await open(server.address), await open(server.address)];
    const follower = new Follower(two, 'pairs');
    for (let turn = 0; turn < 50; turn++)
      await one.transact({
        put: ['left', 'right'].map((side) => ({ key: `pairs/${side}`, value: String(turn) })),
      });
    await follower.until((state) => state['pairs/right'] === '49');
    for (const told of follower.told)
      if (told.kind === 'changes') expect(new Set(told.put.map(({ value }) => value)).size).toBe(1);
    await Promise.all([one.close(), two.close()]);
  });

  it('a watch goes on when its stream is old', { timeout: 60_000 }, async () => {
    const [one, two] = [await open(server.address), await open(server.address)];
    const away: unknown[] = [];
    const follower = new Follower(two, 'old', (why) => away.push(why));
    await one.transact(put('old/0', '0'));
    await follower.until((state) => 'old/0' in state);
    for (let turn = 1; turn <= 2_500; turn++) await one.transact(put(`old/${turn % 10}`, String(turn)));
    await follower.until((state) => state['old/0'] === '2500' && state['old/9'] === '2499');
    expect(follower.told.slice(1).map(({ kind }) => kind)).not.toContain('snapshot');
    expect(away).toEqual([]);
    await Promise.all([one.close(), two.close()]);
  });

  describe('of three members', { timeout: 90_000 }, () => {
    const members = etcdCluster(3);
    const hosts = members.map(({ address }) => `${address}:2379`).join(',');
    const member = (index: number): Server => {
      const found = members[index];
      if (found === undefined) throw new Error('there are three');
      return found;
    };
    /** Until it was done, whatever was in the way. */
    const persist = (kv: Kv, key: string, value: string) =>
      expect
        .poll(
          () =>
            kv.transact(put(key, value)).then(
              ({ ok }) => ok,
              () => false,
            ),
          { timeout: 30_000, interval: 100 },
        )
        .toBe(true);

    it('serves while one is gone, refuses by name while two are, and loses nothing', async () => {
      await Promise.all(members.map((one) => one.start()));
      const kv = await openKv(parseSource(`etcd://${hosts}/members`), { folder: 'x' });
      const session = await kv.session({ ttl: 60_000 });
      await kv.transact({ put: [{ key: 'n', value: 'here', session }] });
      const follower = new Follower(kv);
      await follower.until(({ n }) => n === 'here');
      for (const [index, one] of members.entries()) {
        await one.kill();
        await persist(kv, 'a', `without ${index}`);
        await follower.until(({ a }) => a === `without ${index}`);
        await one.start();
      }
      await member(0).kill();
      await member(1).kill();
      const refused = expect.stringMatching(/^KV_(AWAY|BROKEN|TIMEOUT)$/);
      await expect(kv.transact(put('a', 'too few'))).rejects.toMatchObject({ code: refused });
      await expect(kv.range('')).rejects.toMatchObject({ code: refused });
      await Promise.all([member(0).start(), member(1).start()]);
      await persist(kv, 'b', 'all again');
      await follower.until((state) => state.b === 'all again' && state.n === 'here');
      expect(follower.told.slice(1).map(({ kind }) => kind)).not.toContain('snapshot');
      await session.close();
      await follower.until((state) => !('n' in state));
      await kv.close();
    });
  });

  describe('with users', () => {
    afterEach(() => guarded.kill());

    it('an engine that has none is refused by name', async () => {
      await guarded.start();
      const kv = await open(guarded.address);
      await kv.transact(put('a', '1'));
      await ask(guarded, 'auth/user/add', { name: 'root', password: 'x' });
      await ask(guarded, 'auth/role/add', { name: 'root' });
      await ask(guarded, 'auth/user/grant', { user: 'root', role: 'root' });
      await ask(guarded, 'auth/enable', {});
      await expect(kv.range('')).rejects.toMatchObject({ code: 'KV_REFUSED' });
      await expect(kv.transact(put('a', '2'))).rejects.toMatchObject({ code: 'KV_REFUSED' });
      const away = Promise.withResolvers<Error | undefined>();
      const follower = new Follower(kv, '', away.resolve);
      expect(await away.promise).toMatchObject({ code: 'KV_REFUSED' });
      await kv.close();
      await follower.done;
    });
  });
}
