import { expect, test } from 'vitest';
import { parseLimit, parseMoment, parseTimestamp } from './timestamps.ts';

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

test('a moment is seconds with a fraction, and nothing else', () => {
  expect(parseMoment('1700000000.000000123')).toBe(1_700_000_000_000_000_123n);
  expect([parseMoment('0'), parseMoment('-1'), parseMoment('')]).toEqual([0n, -1_000_000_000n, undefined]);
  for (const text of ['x', '1h', '2020-01-01'])
    expect(() => parseMoment(text)).toThrow(`strconv.ParseInt: parsing "${text}": invalid syntax`);
});

test('nothing and zero are no limit', () => {
  expect([parseLimit(''), parseLimit('0')]).toEqual([undefined, undefined]);
});
