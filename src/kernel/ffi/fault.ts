/** Errors of system calls as errors of the engine. */
import { fail, type SeawayError } from '../../errors.ts';
import { errnoName, errnoText, lastErrno } from './libc.ts';

/** The cause of a KERNEL error; `code` is the errno's name. */
export class Fault extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'Fault';
    this.code = code;
  }
}

/**
 * A KERNEL error: what was being done, errno's name and text, and the kernel's message if any (extended
 * acknowledgement). `cause` is a {@link Fault}.
 */
export function kernelError(doing: string, errno: number, extack = ''): SeawayError {
  const name = errnoName(errno);
  const why = `${errnoText(errno)} (${extack === '' ? name : `${name}: ${extack}`})`;
  return Object.assign(fail('KERNEL', doing, why), { cause: new Fault(name, why) });
}

/** The result of a libc call; throws a KERNEL error where it is negative. */
export function checked(result: number, doing: string): number {
  if (result < 0) throw kernelError(doing, lastErrno());
  return result;
}
