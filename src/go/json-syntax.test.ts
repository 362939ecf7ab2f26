import { expect, test } from 'vitest';
import { jsonProblem } from './json-syntax.ts';

test.each([
  ['{invalid json', "invalid character 'i' looking for beginning of object key string"],
  ['{"a" 1}', "invalid character '1' after object key"],
  ['{"a":1 "b":2}', `invalid character '"' after object key:value pair`],
  ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
  ['[1 2]', "invalid character '2' after array element"],
  ['[1,]', "invalid character ']' looking for beginning of value"],
  ["{'a':1}", "invalid character '\\'' looking for beginning of object key string"],
  ['abc', "invalid character 'a' looking for beginning of value"],
  ['{"a":tru}', "invalid character '}' in literal true (expecting 'e')"],
  ['nil', "invalid character 'i' in literal null (expecting 'u')"],
  ['{"a":"\n"}', "invalid character '\\n' in string literal"],
  ['"\\x"', "invalid character 'x' in string escape code"],
  ['"\\u12g4"', "invalid character 'g' in \\u hexadecimal character escape"],
  ['-a', "invalid character 'a' in numeric literal"],
  ['[1.]', "invalid character ']' after decimal point in numeric literal"],
  ['[1e]', "invalid character ']' in exponent of numeric literal"],
  ['[01]', "invalid character '1' after array element"],
  ['é', "invalid character 'Ã' looking for beginning of value"],
  ['{"a":', 'unexpected EOF'],
  ['{"a":"x', 'unexpected EOF'],
])('%j is refused as Go refuses it', (text, problem) => {
  expect(jsonProblem(text)).toBe(problem);
});

test('what follows the first value is not looked at', () => {
  for (const text of ['{} more', '[-0.5e+7,"\\u00e4",true,false,null] x', '{"a":{"b":[]}}'])
    expect(jsonProblem(text), text).toBeUndefined();
});

test.each([
  ['['.repeat(10_000), 'unexpected EOF'],
  ['['.repeat(10_001), "invalid character '[' exceeded max depth"],
  ['{"a":'.repeat(10_001), "invalid character '{' exceeded max depth"],
  [`${'[{"a":'.repeat(5_000)}1${'}]'.repeat(5_000)}`, undefined],
])('deep nesting has the limit of Go (case %#)', (text, problem) => {
  expect(jsonProblem(text)).toBe(problem);
});
