import { expect, test } from 'vitest';
import { spoken } from './spoken.ts';

test('with a terminal the text is bare, without one it has a header', () => {
  expect(spoken('no', { tty: true }).toString()).toBe('no\r\n');
  expect(spoken('no', { tty: false }).toString()).toBe('\x01\0\0\0\0\0\0\x04no\r\n');
});
