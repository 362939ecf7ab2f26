import { expect, test } from 'vitest';
import { parseQuery } from './query.ts';
import { terminalSize } from './terminal-size.ts';

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
