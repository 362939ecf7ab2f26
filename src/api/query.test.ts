import { expect, test } from 'vitest';
import { parseQuery } from './query.ts';

test('booleans are what Docker takes for them', () => {
  const query = parseQuery('?a=1&b=true&c=0&d=False&e=no&f=none&g=&h=yes');
  expect(['a', 'b', 'h'].map((name) => query.flag(name))).toEqual([true, true, true]);
  expect(['c', 'd', 'e', 'f', 'g'].map((name) => query.flag(name, true))).toEqual(Array(5).fill(false));
  expect(query.flag('missing', true)).toBe(true);
});

test('repeated parameters are a list', () => {
  expect(parseQuery('names=a&names=b').list('names')).toEqual(['a', 'b']);
});

test('integers are decimal, and anything else is refused in the words of Go', () => {
  const query = parseQuery('t=-1&x=abc&empty=');
  expect([query.integer('t'), query.integer('empty'), query.integer('missing')]).toEqual([
    -1,
    undefined,
    undefined,
  ]);
  expect(() => query.integer('x')).toThrow('strconv.Atoi: parsing "abc": invalid syntax');
});

test.each([
  ['?all=1;limit=2', 'invalid semicolon separator in query'],
  ['?all=%zz', 'invalid URL escape "%zz"'],
  ['?all=%4', 'invalid URL escape "%4"'],
])('%s is refused: %s', (search, message) => {
  expect(() => parseQuery(search)).toThrow(message);
});
