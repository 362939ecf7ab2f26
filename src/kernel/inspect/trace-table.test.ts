import { expect, test } from 'vitest';
import { canBeWritten } from './trace-table.ts';

test.each([
  ['filter', true],
  ['my/table-1.x', true],
  ['a;flush ruleset', false],
  ['a\ninclude "/b"', false],
  ['1', false],
  ['', false],
])('a table named %j gets into a command: %s', (name, may) => {
  expect(canBeWritten(name)).toBe(may);
});
