import { expect, test } from 'vitest';
import { parseDetachKeys } from './detach-keys.ts';

const bytes = (text: string): readonly number[] => [...parseDetachKeys(text)];

test('nothing asked is ctrl-p ctrl-q', () => {
  expect(bytes('')).toEqual([16, 17]);
});

test('letters, control characters and single keys are understood', () => {
  expect(bytes('ctrl-p,ctrl-q')).toEqual([16, 17]);
  expect(bytes('ctrl-@')).toEqual([0]);
  expect(bytes('ctrl-\\,ctrl-_,ctrl-[')).toEqual([28, 31, 27]);
  expect(bytes('a,ctrl-a')).toEqual([97, 1]);
});

test('anything else is refused in the words of Docker', () => {
  for (const keys of ['foo', 'ctrl-', 'ctrl-ab', 'a,,b', 'é']) {
    expect(() => parseDetachKeys(keys)).toThrow(`Invalid detach keys (${keys}) provided`);
  }
});
