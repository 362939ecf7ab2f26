import { expect, test } from 'vitest';
import { negotiate } from './version.ts';

test('a request without a version speaks the newest', () => {
  expect(negotiate(undefined)).toBe(50);
});

test('every version from 1.24 to 1.50 is spoken', () => {
  expect([negotiate('1.24'), negotiate('1.41.2'), negotiate('1.50')]).toEqual([24, 41, 50]);
});

test('an older client is told what it needs', () => {
  expect(() => negotiate('1.23')).toThrow(
    'client version 1.23 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version',
  );
  expect(() => negotiate('1.4')).toThrow('too old');
});

test('a newer client is told what there is', () => {
  for (const asked of ['1.51', '1.50.1', '2.0']) {
    expect(() => negotiate(asked)).toThrow(
      `client version ${asked} is too new. Maximum supported API version is 1.50`,
    );
  }
});
