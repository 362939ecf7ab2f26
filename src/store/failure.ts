/** Why a commit failed, from lmdb's errors. */
import { statfs } from 'node:fs/promises';
import { constants } from 'node:os';
import { dirname } from 'node:path';
import { getSystemErrorMap } from 'node:util';
import { fail, messageOf } from '../errors.ts';

/** lmdb gives the reason by a promise, `commitError`, that is rejected with it. */
async function reasonOf(thrown: unknown): Promise<unknown> {
  if (!(thrown instanceof Error) || !('commitError' in thrown)) return thrown;
  try {
    await thrown.commitError;
    return thrown;
  } catch (reason) {
    return reason;
  }
}

/** "Update of meta page failed or environment had fatal error" (lmdb.h): every further call fails. */
const MDB_PANIC = -30795;

/** STORE_NOT_WRITTEN for system errors (a full disk, a disk error), STORE_PANIC; any other error unchanged. */
export async function failureOf(thrown: unknown, path: string): Promise<unknown> {
  const reason = await reasonOf(thrown);
  const code = reason instanceof Error && 'code' in reason ? Number(reason.code) : Number.NaN;
  if (code === MDB_PANIC) return fail('STORE_PANIC', path);
  const { EIO, ENOSPC } = constants.errno;
  // lmdb's error for a short write
  const errno = code === EIO && (await isFull(dirname(path))) ? ENOSPC : code;
  // lmdb's own errors are negative
  const words = errno > 0 ? getSystemErrorMap().get(-errno)?.[1] : undefined;
  if (words !== undefined) return fail('STORE_NOT_WRITTEN', path, words);
  if (thrown === reason) return thrown;
  return fail('STORE_NOT_WRITTEN', path, messageOf(reason));
}

/** The most bytes that lmdb writes at once. */
const enough = 4 << 20;

async function isFull(folder: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(folder).catch(() => ({ bavail: 0, bsize: 0 }));
  return bavail * bsize < enough;
}
