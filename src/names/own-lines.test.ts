import { expect, it } from 'vitest';
import { withOwnLines } from './own-lines.ts';

const before = 'base\n10.0.0.2 box\n10.0.0.9 sql\n';

it.each([
  ['nobody has changed it', before, 'base\n10.1.0.2 box\n', 'base\n10.1.0.2 box\n'],
  ['a line was added', `${before}mine\n`, `${before}10.1.0.2 box\n`, `${before}mine\n10.1.0.2 box\n`],
  ['an own line goes', `mine\n${before}`, 'base\n10.0.0.2 box\n', 'mine\nbase\n10.0.0.2 box\n'],
  [
    'an own line changes',
    `${before}mine`,
    'base\n10.0.0.3 box\n10.0.0.9 sql\n',
    'base\n10.0.0.9 sql\nmine\n10.0.0.3 box\n',
  ],
  ['an own line was taken away', 'base\n10.0.0.2 box\n', before, 'base\n10.0.0.2 box\n'],
  ['an own line was changed', 'base\n10.0.0.2 box more\n', 'base\n', 'base\n10.0.0.2 box more\n'],
  ['it was emptied', '', `${before}10.1.0.2 box\n`, '10.1.0.2 box\n'],
  ['a line is there twice', 'x\nx\n', 'base\n10.0.0.2 box\n10.0.0.9 sql\nx\n', 'x\nx\nx\n'],
])('where %s', (_, current, now, expected) => {
  expect(withOwnLines(current, { before, now })).toBe(expected);
});
