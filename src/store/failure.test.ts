import { expect, it } from 'vitest';
import { hasCode } from '../errors.ts';
import { failureOf } from './failure.ts';

/** As lmdb throws it: the reason comes later. */
function thrownWith(code: number, message: string): Error {
  const commitError = Promise.reject(Object.assign(new Error(message), { code }));
  commitError.catch(() => undefined);
  return Object.assign(new Error('Commit failed (see commitError for details)'), { commitError });
}

it('tells a store that can be written no more from one that has no room', async () => {
  const panic = await failureOf(thrownWith(-30795, 'MDB_PANIC: Update of meta page failed'), '/x/data.mdb');
  expect(hasCode(panic, 'STORE_PANIC')).toBe(true);
  const full = await failureOf(thrownWith(28, 'No space left on device'), '/x/data.mdb');
  expect(hasCode(full, 'STORE_NOT_WRITTEN')).toBe(true);
});
