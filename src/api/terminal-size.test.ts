import { describe, expect, it, test } from 'vitest';
import { parseQuery } from './query.ts';
import { consoleSize, terminalSize } from './terminal-size.ts';

test('height and width are whole numbers of 32 bits', () => {
  expect(terminalSize(parseQuery('?h=24&w=80'))).toEqual({ rows: 24, columns: 80 });
  expect(terminalSize(parseQuery('?h=0&w=4294967295'))).toEqual({ rows: 0, columns: 4294967295 });
});

test.each([
  ['?w=100', 'invalid resize height "": invalid syntax'],
  ['?h=100&w=', 'invalid resize width "": invalid syntax'],
  ['?h=high&w=100', 'invalid resize height "high": invalid syntax'],
  ['?h=100&w=-100', 'invalid resize width "-100": value out of range'],
  ['?h=4294967296&w=100', 'invalid resize height "4294967296": value out of range'],
])('%s is refused: %s', (search, message) => {
  expect(() => terminalSize(parseQuery(search))).toThrow(message);
});

describe('the size that an exec asks for', () => {
  it.each([
    [[24, 80], 42, { rows: 24, columns: 80 }],
    [[24, 80], 41, undefined],
    [[24], 50, undefined],
    [[0, 80], 50, undefined],
    [null, 50, undefined],
    [undefined, 50, undefined],
  ] as const)('%j in API 1.%i is %j', (asked, version, expected) => {
    expect(consoleSize(asked, version)).toEqual(expected);
  });
});
