import { expect, test } from 'vitest';
import { briefly, bytesText, ratesOf, widthOf } from './rates.ts';

const reading = (At: number, web: readonly [number, number, number, number, number]) => ({
  ...{ At, Endpoints: { web }, Networks: {}, Links: {}, DNS: null },
});

test('a rate is what was added in the time between two readings', () => {
  const rates = ratesOf(reading(1_000, [100, 10, 1, 1, 0]), reading(3_000, [2_100, 10, 9, 1, 2]));
  expect([...rates]).toEqual([['web', { received: 1_000, sent: 0, dropped: 2 }]]);
});

test.each([
  ['nothing was added', reading(3_000, [100, 10, 1, 1, 0])],
  ['the counters began again', reading(3_000, [0, 0, 0, 0, 0])],
  ['it is the same reading', reading(1_000, [900, 10, 1, 1, 0])],
  [
    'it was not there before',
    { ...reading(3_000, [900, 10, 1, 1, 0]), Endpoints: { db: [1, 1, 1, 1, 0] as const } },
  ],
])('without rates: %s', (_, now) => {
  expect([...ratesOf(reading(1_000, [100, 10, 1, 1, 0]), now)]).toEqual([]);
});

test.each([
  [0, '0 B', '0'],
  [999, '999 B', '999'],
  [1_000, '1.0 kB', '1.0k'],
  [12_345, '12 kB', '12k'],
  [999_600, '1.0 MB', '1.0M'],
  [2_500_000_000, '2.5 GB', '2.5G'],
])('%i bytes are %s', (bytes, text, brief) => {
  expect([bytesText(bytes), briefly(bytes)]).toEqual([text, brief]);
});

test('a line is the wider the more it carries, within bounds', () => {
  const widths = [0, 100, 100_000, 1e12].map((received) => widthOf({ received, sent: 0, dropped: 0 }));
  expect(widths).toEqual(widths.toSorted((a, b) => a - b));
  expect([widths[0], widths[3]]).toEqual([1.5, 6.5]);
});
