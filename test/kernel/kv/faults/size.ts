import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { expect, it } from 'vitest';
import { put } from '../../../contract/kv/follower.ts';
import { following, type World } from './world.ts';

export function sizeCases({ scheme, server, folder, open }: World): void {
  it('10,000 keys are read, and followed, without holding up the process', async () => {
    const kv = await open(folder(), server.address);
    const value = JSON.stringify({ filler: 'x'.repeat(200) });
    const keys = Array.from({ length: 10_000 }, (_, index) => `n/${index % 100}/k${index}`);
    for (let at = 0; at < keys.length; at += 640)
      await Promise.all(
        Array.from({ length: 10 }, (_, part) => keys.slice(at + part * 64, at + part * 64 + 64))
          .filter((some) => some.length > 0)
          .map((some) => kv.transact({ put: some.map((key) => ({ key, value })) })),
      );
    const delays = monitorEventLoopDelay({ resolution: 5 });
    delays.enable();
    const began = performance.now();
    const { entries } = await kv.range('', { deadline: 30_000 });
    const read = performance.now() - began;
    const { follower } = following(kv);
    await follower.until((state) => Object.keys(state).length === 10_000);
    const changed = performance.now();
    await kv.transact(put('n/5/k5', 'changed'));
    await follower.until((state) => state['n/5/k5'] === 'changed');
    const told = performance.now() - changed;
    delays.disable();
    expect(entries).toHaveLength(10_000);
    expect((await kv.range('n/7')).entries).toHaveLength(100);
    const stall = Math.round(delays.max / 1e6);
    console.log(
      `${scheme}: 10,000 keys in ${Math.round(read)} ms, a change told after ${Math.round(told)} ms, stall ${stall} ms`,
    );
    expect(stall).toBeLessThan(400);
    await follower.stop();
  });
}
