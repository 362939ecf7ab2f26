/** From whatever was thrown to the answer that a client gets. */
import { fail, messageOf, SeawayError } from '../errors.ts';
import type { Logger } from '../observe/logger.ts';
import { systemSentence } from '../system-error.ts';

export interface Failure {
  readonly status: number;
  readonly message: string;
}

/** Errors of the HTTP layer carry their own status. */
function statusOf(thrown: unknown): number {
  const status = thrown instanceof Error && 'statusCode' in thrown ? Number(thrown.statusCode) : 500;
  return status >= 400 && status < 600 ? status : 500;
}

/**
 * The answer to an error. The failure of a system call (a full disk, too many open files) is worded as by Docker;
 * anything else that is not an error of the table is a bug. Both are logged with their stack.
 */
export function failureOf(thrown: unknown, log: Logger, doing: string): Failure {
  if (thrown instanceof SeawayError) {
    log.debug('request refused', { doing, status: thrown.status, why: thrown.message });
    return { status: thrown.status, message: thrown.message };
  }
  const status = statusOf(thrown);
  if (status < 500) return { status, message: messageOf(thrown) };
  log.error('request failed', { doing, why: thrown instanceof Error ? thrown.stack : thrown });
  const message = systemSentence(thrown) ?? fail('BUG', messageOf(thrown)).message;
  return { status, message };
}
