import { expect, test } from 'vitest';
import { formatDuration, humanDuration, parseDuration, readDuration } from './duration.ts';

const second = 1000;
const hour = 3600 * second;
const day = 24 * hour;

test.each([
  [450, 'Less than a second'],
  [-5, 'Less than a second'],
  [second, '1 second'],
  [59 * second, '59 seconds'],
  [60 * second, 'About a minute'],
  [119 * second, 'About a minute'],
  [3 * 60 * second, '3 minutes'],
  [hour, 'About an hour'],
  [hour + 29 * 60 * second, 'About an hour'],
  [hour + 30 * 60 * second, '2 hours'],
  [47 * hour, '47 hours'],
  [2 * day, '2 days'],
  [13 * day, '13 days'],
  [14 * day, '2 weeks'],
  [59 * day, '8 weeks'],
  [60 * day, '2 months'],
  [729 * day, '24 months'],
  [730 * day, '2 years'],
])('%i ms is %s', (milliseconds, text) => {
  expect(humanDuration(milliseconds)).toBe(text);
});

test.each([
  [0, '0s'],
  [1, '1ms'],
  [1.5, '1.5ms'],
  [999, '999ms'],
  [1000, '1s'],
  [1500, '1.5s'],
  [30_000, '30s'],
  [59_999, '59.999s'],
  [60_000, '1m0s'],
  [90_100, '1m30.1s'],
  [3_599_000, '59m59s'],
  [3_600_000, '1h0m0s'],
  [3_661_001, '1h1m1.001s'],
  [90_000_000, '25h0m0s'],
])('%d ms is printed as %s', (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text);
});

test.each([
  ['1h30m', 5400e9],
  ['1.5s', 1.5e9],
  ['100ms', 1e8],
  ['-2us', -2000],
  ['2µs', 2000],
  ['2μs', 2000],
  ['1.s', 1e9],
  ['.5s', 5e8],
  ['0', 0],
])('the duration %s', (text, nanoseconds) => {
  expect(parseDuration(text)).toBe(nanoseconds);
  expect(readDuration(text)).toBe(nanoseconds);
});

test.each([
  ['5', 'time: missing unit in duration "5"'],
  ['5y', 'time: unknown unit "y" in duration "5y"'],
  ['x', 'time: invalid duration "x"'],
  ['', 'time: invalid duration ""'],
  ['-', 'time: invalid duration "-"'],
  ['.s', 'time: invalid duration ".s"'],
  ['2562048h', 'time: invalid duration "2562048h"'],
])('%s is refused as Go refuses it', (text, why) => {
  expect(() => parseDuration(text)).toThrow(why);
  expect(readDuration(text)).toBeUndefined();
});
