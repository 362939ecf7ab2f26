import { expect, it } from 'vitest';
import { fail } from '../errors.ts';
import { patiently } from './patiently.ts';

/** Fails so many times. */
function failing(times: number, error: Error): () => string {
  let left = times;
  return () => {
    if (left === 0) return 'done';
    left -= 1;
    throw error;
  };
}

const shortage = Object.assign(new Error('EMFILE: too many open files, open'), {
  errno: -24,
  code: 'EMFILE',
});

it('tries again what the system has refused, and what programs and the kernel have', async () => {
  expect(await patiently(failing(2, shortage), { pauses: [1, 1] })).toBe('done');
  expect(await patiently(failing(1, fail('KERNEL', 'open a socket', 'EMFILE')), { pauses: [1] })).toBe(
    'done',
  );
});

it('gives up at last', async () => {
  await expect(patiently(failing(3, shortage), { pauses: [1, 1] })).rejects.toThrow('too many open files');
});

it('does not try again what is wrong in itself', async () => {
  const wrong = fail('CONFIG_INVALID', 'no such option');
  await expect(patiently(failing(1, wrong), { pauses: [60_000] })).rejects.toThrow('no such option');
});
