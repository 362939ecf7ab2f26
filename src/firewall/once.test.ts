import fc from 'fast-check';
import { expect, it } from 'vitest';
import { alike, Lists, notIn } from './once.ts';

const list = fc.array(fc.nat(5), { maxLength: 8 });

it('what is alike at both ends never counts twice', () => {
  expect(alike([1, 2, 3], [1, 2, 3])).toEqual({ start: 3, end: 0 });
  expect(alike([1, 1], [1])).toEqual({ start: 1, end: 0 });
  expect(alike([1, 9, 3], [1, 3])).toEqual({ start: 1, end: 1 });
});

it('what is missing is what a search finds missing', () => {
  fc.assert(
    fc.property(list, list, (some, others) => {
      expect(notIn(some, others)).toEqual(some.filter((one) => !others.includes(one)));
    }),
  );
});

it('texts are those of the items, and of a list that changes in the middle only that is written', () => {
  fc.assert(
    fc.property(fc.array(list, { maxLength: 6 }), (lists) => {
      const texts = new Lists();
      for (const items of lists) expect(texts.of('a', items, String)).toEqual(items.map(String));
    }),
  );
  const texts = new Lists();
  const written: number[] = [];
  const write = (item: number): string => `${written.push(item)}`;
  texts.of('a', [1, 2, 3], write);
  texts.of('a', [1, 2, 7, 3], write);
  expect(written).toEqual([1, 2, 3, 7]);
});
