import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { fail } from '../../errors.ts';
import { isStartFailure, spoken } from './spoken.ts';

test('with a terminal the text is bare, without one it has a header', async () => {
  expect(String(await buffer(spoken('no', { tty: true })))).toBe('no\r\n');
  expect(String(await buffer(spoken('no', { tty: false })))).toBe('\x01\0\0\0\0\0\0\x04no\r\n');
});

test('only failures of the process itself are told in the stream', () => {
  expect(isStartFailure(fail('COMMAND_NOT_FOUND', 'x'))).toBe(true);
  expect(isStartFailure(fail('EXEC_NOT_FOUND', 'x'))).toBe(false);
  expect(isStartFailure(new Error('x'))).toBe(false);
});
