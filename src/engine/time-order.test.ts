import { expect, it } from 'vitest';
import { TimeOrder } from './time-order.ts';

const ms = (milliseconds: number): bigint => BigInt(milliseconds) * 1_000_000n;

it('blocks come in the order of their times, once every ring has handed its own over', () => {
  const order = new TimeOrder(100);
  for (const [time, name] of [
    [20, 'c'],
    [10, 'a'],
    [15, 'b'],
    [90, 'd'],
  ] as const)
    order.add(ms(time), Buffer.from(name));
  expect(order.take(ms(100)).map(String)).toEqual([]);
  expect(order.take(ms(150)).map(String)).toEqual(['a', 'b', 'c']);
  expect(order.isEmpty).toBe(false);
  expect(order.take(ms(190)).map(String)).toEqual(['d']);
  expect(order.isEmpty).toBe(true);
});

it('too much does not wait', () => {
  const order = new TimeOrder(100);
  for (const time of [2, 1]) order.add(ms(time), Buffer.alloc(5 * 1024 * 1024, time));
  expect(order.take(ms(3)).map((block) => block[0])).toEqual([1, 2]);
});
