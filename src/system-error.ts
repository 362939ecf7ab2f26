/** What the system says where one of its calls has failed, in the words of strerror(3). */
import { getSystemErrorMap } from 'node:util';

/** "no space left on device"; undefined where what was thrown is not the failure of a system call. */
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

/** Whether what was thrown has one of these codes of the system (`ENOENT`). */
export function hasErrno(thrown: unknown, ...codes: readonly string[]): boolean {
  return thrown instanceof Error && 'code' in thrown && codes.includes(String(thrown.code));
}
