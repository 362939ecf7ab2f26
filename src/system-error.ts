/** Failed system calls, in the words of strerror(3). */
import { getSystemErrorMap } from 'node:util';
import { messageOf } from './errors.ts';

/** "no space left on device"; undefined where the thrown value is not a failed system call. */
export function systemReason(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !('errno' in thrown)) return undefined;
  return getSystemErrorMap().get(Number(thrown.errno))?.[1];
}

/** As Go prints it, and with it Docker: `mkdir /var/lib/x: no space left on device`. */
export function systemSentence(thrown: unknown): string | undefined {
  const reason = systemReason(thrown);
  if (reason === undefined) return undefined;
  const { syscall, path } = thrown as NodeJS.ErrnoException;
  const doing = [syscall, path].filter(Boolean).join(' ');
  return doing === '' ? reason : `${doing}: ${reason}`;
}

/** What a user is told of any error. */
export const sentenceOf = (thrown: unknown): string => systemSentence(thrown) ?? messageOf(thrown);

/** Whether a thrown value has one of these codes (`ENOENT`). */
export function hasErrno(thrown: unknown, ...codes: readonly string[]): boolean {
  return thrown instanceof Error && 'code' in thrown && codes.includes(String(thrown.code));
}
