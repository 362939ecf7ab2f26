import { expect, it } from 'vitest';
import { withReason } from './streaming.ts';

async function* broken(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('one\n');
  throw Object.assign(new Error('x'), { errno: -24, code: 'EMFILE', syscall: 'open', path: '/log' });
}

it.each([
  [true, 'Error grabbing logs: open /log: too many open files\n'],
  [false, '\x02\0\0\0\0\0\0\x34Error grabbing logs: open /log: too many open files\n'],
])('a log that cannot be read on ends with the reason (tty: %s)', async (tty, last) => {
  const pieces: string[] = [];
  for await (const piece of withReason(broken(), { tty })) pieces.push(Buffer.from(piece).toString('latin1'));
  expect(pieces).toEqual(['one\n', last]);
});
