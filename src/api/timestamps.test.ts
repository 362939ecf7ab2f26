import { expect, test } from 'vitest';
import { parseLimit, parseTimestamp } from './timestamps.ts';

const now = 1_700_000_000_000;

test('seconds keep their nanoseconds', () => {
  expect(parseTimestamp('1700000000.000000123', now)).toBe(1_700_000_000_000_000_123n);
  expect(parseTimestamp('5', now)).toBe(5_000_000_000n);
});

test('a duration counts backwards', () => {
  expect(parseTimestamp('1m30s', now)).toBe(1_699_999_910_000_000_000n);
  expect(parseTimestamp('24h', now)).toBe(1_699_913_600_000_000_000n);
});

test('a date is a date', () => {
  expect(parseTimestamp('1970-01-01T00:00:01Z', now)).toBe(1_000_000_000n);
});

test('anything else is refused', () => {
  for (const text of ['x', '1y', ''])
    expect(() => parseTimestamp(text, now)).toThrow('failed to parse value');
});

test('nothing and zero are no limit', () => {
  expect([parseLimit('', now), parseLimit('0', now)]).toEqual([undefined, undefined]);
});
