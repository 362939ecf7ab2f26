import { expect, it, vi } from 'vitest';
import { fail } from '../errors.ts';
import type { Backend } from './backend.ts';
import { createKv } from './client.ts';
import type { Feed } from './feed.ts';

const range = { revision: 1, entries: [] };

/** A store of which only what a watch asks is there. */
function backend(follow: Backend['follow']): Backend {
  const nothing = async () => Promise.reject(new Error('not asked here'));
  return {
    store: 'etcd',
    range: async () => range,
    transact: nothing,
    follow,
    grant: nothing,
    close: async () => undefined,
  };
}

/** Follows until its signal. */
const forever = (feed: Feed, { signal }: { signal: AbortSignal }): Promise<void> => {
  feed.state(range);
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
};

it('stops following when the consumer leaves its loop', async () => {
  let followed: AbortSignal | undefined;
  const kv = createKv(
    backend((_, feed, following) => {
      followed = following.signal;
      return forever(feed, following);
    }),
  );
  for await (const _ of kv.watch('')) break;
  expect(followed?.aborted).toBe(true);
  await kv.close();
});

it('tells once that the store is away, and once that it is back', async () => {
  const told: (string | undefined)[] = [];
  let turn = 0;
  const kv = createKv(
    backend(async (_, feed, following) => {
      turn++;
      if (turn < 4) throw fail('KV_AWAY', 'etcd', `turn ${turn}`);
      if (turn === 6) throw new Error('odd');
      following.reached();
      following.reached();
      if (turn === 5) return;
      if (turn > 6) await forever(feed, following);
    }),
  );
  const watch = kv.watch('', {
    onAway: (why) => told.push((why as { code?: string } | undefined)?.code ?? 'back'),
  });
  for await (const _ of watch) break;
  expect(told).toEqual(['KV_AWAY', 'back', 'KV_BROKEN', 'back']);
  await kv.close();
});

it('asks again sooner at first, and spreads its tries', async () => {
  vi.useFakeTimers();
  let tries = 0;
  const kv = createKv(
    backend(async () => {
      tries++;
      throw fail('KV_AWAY', 'etcd', 'x');
    }),
  );
  const watch = kv.watch('');
  await vi.advanceTimersByTimeAsync(400);
  expect(tries).toBeGreaterThan(2);
  const before = tries;
  await vi.advanceTimersByTimeAsync(30_000);
  expect(tries - before).toBeGreaterThan(60);
  expect(tries - before).toBeLessThan(150);
  const closed = kv.close();
  await vi.runAllTimersAsync();
  await closed;
  for await (const _ of watch) throw new Error('it was closed');
  vi.useRealTimers();
});
