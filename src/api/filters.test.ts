import { expect, test } from 'vitest';
import { parseFilters, passesLabels } from './filters.ts';

test('both encodings of filters are read', () => {
  for (const text of ['{"name":["a","b"]}', '{"name":{"a":true,"b":true}}']) {
    expect(parseFilters(text, ['name']).values('name')).toEqual(['a', 'b']);
  }
});

test('a filter that the route does not know is refused by its name', () => {
  expect(() => parseFilters('{"foo":["a"]}', ['name'])).toThrow("invalid filter 'foo'");
});

test('what is no filter is refused', () => {
  for (const text of ['zz', '[]', '{"name":5}', '{"name":{"a":1}}', '{"name":"a"}', '{"name":[1]}'])
    expect(() => parseFilters(text, ['name'])).toThrow('invalid filter');
});

test('names match anywhere, as regular expressions do', () => {
  const filters = parseFilters('{"name":["^web"]}', ['name']);
  expect([filters.matches('name', 'web1'), filters.matches('name', 'my-web')]).toEqual([true, false]);
  expect(parseFilters('{"name":["eb"]}', ['name']).matches('name', 'web')).toBe(true);
  expect(parseFilters('{"name":["("]}', ['name']).matches('name', 'web')).toBe(false);
});

test('a filter that is not there lets everything pass', () => {
  const filters = parseFilters('', []);
  expect(filters.matches('name', 'x') && filters.exactly('id', 'x') && filters.labels('label', {})).toBe(
    true,
  );
});

test('labels are all needed, with or without a value', () => {
  const filters = parseFilters('{"label":["a","b=c=d"]}', ['label']);
  expect(filters.labels('label', { a: '', b: 'c=d' })).toBe(true);
  expect(filters.labels('label', { a: '' })).toBe(false);
  expect(parseFilters('{"label":["toString"]}', ['label']).labels('label', {})).toBe(false);
});

test('labels of a prune may also exclude', () => {
  const filters = parseFilters('{"label!":["keep"]}', ['label', 'label!']);
  expect([passesLabels(filters, { keep: '1' }), passesLabels(filters, {})]).toEqual([false, true]);
});

test('a flag is true or false, and told once', () => {
  expect(parseFilters('{"dangling":["1"]}', ['dangling']).flag('dangling', false)).toBe(true);
  expect(parseFilters('', ['dangling']).flag('dangling', true)).toBe(true);
  const flag = (values: readonly string[]) => () =>
    parseFilters(JSON.stringify({ dangling: values }), ['dangling']).flag('dangling', true);
  expect(flag(['a'])).toThrow("invalid filter 'dangling=[a]'");
  expect(flag(['true', '0'])).toThrow("invalid filter 'dangling=[true 0]'");
  expect(flag([])).toThrow("invalid filter 'dangling'");
});
