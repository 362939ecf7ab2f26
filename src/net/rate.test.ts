import fc from 'fast-check';
import { expect, it } from 'vitest';
import { rateText, readRate } from './rate.ts';

it.each([
  ['10mbit', 10_000_000],
  ['1.5Gbit', 1_500_000_000],
  ['500kbps', 4_000_000],
  ['1mibit', 1_048_576],
  ['2kibps', 16_384],
  ['8000', 8_000],
  ['7999', undefined],
  ['201gbit', undefined],
  ['10 mbit', undefined],
  ['10mb', undefined],
  ['-1mbit', undefined],
  ['', undefined],
  ['1e9', undefined],
  ['constructor', undefined],
])('%j is %j bits per second', (text, rate) => {
  expect(readRate(text)).toBe(rate);
});

it('a rate is read again from its text', () => {
  expect([10_000_000, 1_500_000, 8_001].map(rateText)).toEqual(['10mbit', '1.5mbit', '8.001kbit']);
  fc.assert(
    fc.property(fc.integer({ min: 8_000, max: 200_000_000_000 }), (rate) => {
      expect(readRate(rateText(rate))).toBe(rate);
    }),
  );
});
