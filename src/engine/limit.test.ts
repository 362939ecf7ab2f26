import { describe, expect, it } from 'vitest';
import { mapLimit } from './limit.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('mapLimit', () => {
  it('does each once, so many at a time and no more', async () => {
    const done: number[] = [];
    let at = 0;
    let most = 0;
    await mapLimit([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
      most = Math.max(most, ++at);
      await turn();
      at--;
      done.push(item);
    });
    expect(done.sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(most).toBe(3);
  });

  it('throws the first error, when all that began is over', async () => {
    const over: number[] = [];
    const failing = mapLimit([1, 2], 2, async (item) => {
      if (item === 1) throw new Error('first');
      await turn();
      over.push(item);
    });
    await expect(failing).rejects.toThrow('first');
    expect(over).toEqual([2]);
  });

  it('does nothing with nothing', async () => {
    await expect(mapLimit([], 4, () => Promise.reject(new Error('asked')))).resolves.toBeUndefined();
  });
});
