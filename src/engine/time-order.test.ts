import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { mostAtOnce, TimeOrder } from './time-order.ts';

const ms = (milliseconds: number): bigint => BigInt(milliseconds) * 1_000_000n;

it('blocks come in the order of their times, once every ring has handed its own over', () => {
  const order = new TimeOrder(100);
  for (const [ring, time, name] of [
    [1, 10, 'a'],
    [1, 20, 'c'],
    [2, 15, 'b'],
    [2, 90, 'd'],
  ] as const)
    order.add(ring, ms(time), Buffer.from(name));
  expect(order.take(ms(100)).map(String)).toEqual([]);
  expect(order.take(ms(150)).map(String)).toEqual(['a', 'b', 'c']);
  expect(order.isEmpty).toBe(false);
  expect(order.take(ms(190)).map(String)).toEqual(['d']);
  expect(order.isEmpty).toBe(true);
});

it('too much does not wait', () => {
  const order = new TimeOrder(100);
  for (const time of [1, 2]) order.add(time, ms(time), Buffer.alloc(5 * 1024 * 1024, time));
  expect(order.take(ms(3)).map((block) => block[0])).toEqual([1]);
  expect(order.take(ms(103)).map((block) => block[0])).toEqual([2]);
});

it('very many are handed on in several turns, and none is lost', () => {
  const order = new TimeOrder(0);
  for (let time = 0; time < 2 * mostAtOnce + 1; time++) order.add(time % 2, ms(time), Buffer.from([1]));
  const taken = [1, 2, 3].map(() => order.take(ms(1_000_000)).length);
  expect(taken).toEqual([mostAtOnce, mostAtOnce, 1]);
  expect(order.isEmpty).toBe(true);
});

it('what was handed on is not kept, even if something waits all the time', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const order = new TimeOrder(0);
  const taken: WeakRef<Buffer>[] = [];
  for (let time = 0; time < 10_000; time++) {
    const block = Buffer.alloc(16);
    taken.push(new WeakRef(block));
    order.add('ring', ms(time), block);
    // all but the last one
    if (time > 0) order.take(ms(time - 1));
  }
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  expect(order.isEmpty).toBe(false);
  expect(taken.filter((block) => block.deref() !== undefined).length).toBeLessThan(2_000);
});
