/**
 * Every error that the engine can give, in one table: code, kind and message.
 * A kind has one HTTP status (Docker Engine API). Messages are Docker's wherever a Docker user would
 * meet them. Raise one with `fail('NETWORK_NOT_FOUND', 'backend')`.
 */

import { containerErrors } from './errors/containers.ts';
import { type Entry, type ErrorKind, statusOfKind } from './errors/entry.ts';
import { imageErrors } from './errors/images.ts';
import { kvErrors } from './errors/kv.ts';
import { networkErrors } from './errors/networks.ts';
import { pluginErrors } from './errors/plugins.ts';
import { requestErrors } from './errors/requests.ts';
import { systemErrors } from './errors/system.ts';

/** The table. Keep it sorted by subject; an entry is (kind, message). */
export const errorTable = {
  ...requestErrors,
  ...pluginErrors,
  ...networkErrors,
  ...kvErrors,
  ...containerErrors,
  ...imageErrors,
  ...systemErrors,
} as const satisfies Record<string, Entry>;

export type ErrorCode = keyof typeof errorTable;

type Args<C extends ErrorCode> = Parameters<(typeof errorTable)[C][1]>;

/** An error of the table; `cause` keeps what lay under it. */
export class SeawayError extends Error {
  readonly code: ErrorCode;
  readonly kind: ErrorKind;

  constructor(code: ErrorCode, kind: ErrorKind, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'SeawayError';
    this.code = code;
    this.kind = kind;
  }

  /** The HTTP status of the API's answer. */
  get status(): number {
    return statusOfKind[this.kind];
  }
}

/** Make (not throw) the error with that code, its message filled in from the table. */
export function fail<C extends ErrorCode>(code: C, ...args: Args<C>): SeawayError {
  const [kind, message] = errorTable[code] as unknown as readonly [ErrorKind, (...a: Args<C>) => string];
  return new SeawayError(code, kind, message(...args));
}

/** The same error, with what was being done before its message. What is none of ours passes as it is. */
export function during(doing: string, thrown: unknown): unknown {
  if (!(thrown instanceof SeawayError)) return thrown;
  const { code, kind, message } = thrown;
  return new SeawayError(code, kind, `${doing}: ${message}`, { cause: thrown });
}

/** Whether what was thrown is an error of one of these codes. */
export function hasCode(thrown: unknown, ...codes: readonly ErrorCode[]): boolean {
  return thrown instanceof SeawayError && codes.includes(thrown.code);
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
