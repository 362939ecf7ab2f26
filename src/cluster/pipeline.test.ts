import { expect, it } from 'vitest';
import { pipeline } from './pipeline.ts';

it('begins three tasks before the first has ended, in their order', async () => {
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const done = pipeline([1, 2, 3, 4], (one) => {
    begun.push(one);
    return new Promise<void>((resolve) => ends.push(resolve));
  });
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
  expect(begun).toEqual([1, 2, 3]);
  ends[0]?.();
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
  expect(begun).toEqual([1, 2, 3, 4]);
  for (const end of ends) end();
  await done;
});

it('begins no task after one has failed, and tells of it once the others have ended', async () => {
  const begun: number[] = [];
  const done = pipeline([1, 2, 3, 4, 5, 6], async (one) => {
    begun.push(one);
    if (one === 1) throw new Error('refused');
  });
  await expect(done).rejects.toThrow('refused');
  expect(begun).toEqual([1, 2, 3]);
});

it('ends after those that were begun, where an earlier one has failed', async () => {
  const last = Promise.withResolvers<void>();
  let isOver = false;
  const done = pipeline([1, 2], (one) => (one === 1 ? Promise.reject(new Error('refused')) : last.promise));
  const over = done
    .catch(() => undefined)
    .then(() => {
      isOver = true;
    });
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
  expect(isOver).toBe(false);
  last.resolve();
  await expect(done).rejects.toThrow('refused');
  await over;
});
