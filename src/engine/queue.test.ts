import { expect, it } from 'vitest';
import { KeyedQueue } from './queue.ts';

const later = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

it('runs tasks of one key in order, also after one that failed', async () => {
  const queue = new KeyedQueue();
  const seen: string[] = [];
  const first = queue.run('a', async () => {
    await later(5);
    seen.push('first');
    throw new Error('first fails');
  });
  const second = queue.run('a', async () => {
    seen.push('second');
    return 2;
  });
  await expect(first).rejects.toThrow('first fails');
  expect(await second).toBe(2);
  expect(seen).toEqual(['first', 'second']);
});

it('does not make one key wait for another', async () => {
  const queue = new KeyedQueue();
  const seen: string[] = [];
  const slow = queue.run('a', async () => {
    await later(10);
    seen.push('a');
  });
  await queue.run('b', async () => void seen.push('b'));
  await slow;
  expect(seen).toEqual(['b', 'a']);
});

it('is idle once all that was asked for is done, or at the limit', async () => {
  const queue = new KeyedQueue();
  const seen: string[] = [];
  void queue.run('a', async () => {
    await later(5);
    void queue.run('b', async () => void seen.push('b'));
  });
  await queue.idle(60_000);
  expect(seen).toEqual(['b']);
  void queue.run('c', () => new Promise(() => undefined));
  await queue.idle(10);
});
