import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { blockOn } from './watch.ts';

const until = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
const alive = async (): Promise<void> => undefined;

it('reads a list again as soon as it has changed, a long one at most half of the time', async () => {
  const stop = new AbortController();
  let turns = 0;
  const changed = async (signal: AbortSignal): Promise<number> => {
    turns++;
    if (turns === 101) return until(signal);
    return turns === 100 ? 60 : 0;
  };
  const began = performance.now();
  const done = blockOn({ signal: stop.signal, alive, lists: [changed] });
  while (turns < 101) await sleep(5);
  expect(performance.now() - began).toBeGreaterThan(55);
  stop.abort(new Error('enough'));
  await expect(done).rejects.toThrow();
});

it('asks nothing where it is over already', async () => {
  const asked = blockOn({
    signal: AbortSignal.abort(new Error('enough')),
    alive,
    lists: [async () => Promise.reject(new Error('asked'))],
  });
  await expect(asked).rejects.toThrow('enough');
});

it('ends with what the server is lost by', async () => {
  const { signal } = new AbortController();
  const lists = [until, () => Promise.reject(new Error('reset'))];
  await expect(blockOn({ signal, alive, lists })).rejects.toThrow('reset');
});

it('ends all lists where one of them wants it', async () => {
  const { signal } = new AbortController();
  const ended: unknown[] = [];
  const waiting = (over: AbortSignal) =>
    until(over).catch((error) => {
      ended.push(error);
      throw error;
    });
  await blockOn({ signal, alive, lists: [waiting, async () => undefined, waiting] });
  expect(ended).toHaveLength(2);
});
