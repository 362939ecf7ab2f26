/**
 * Every error that the engine can give, in one table: code, kind and message.
 * Each kind maps to one HTTP status of the Docker Engine API. Where Docker has a message for the same case, it is
 * Docker's, word for word. Raise one with `throw fail('NETWORK_NOT_FOUND', 'backend')`.
 */

import { clusterErrors } from './errors/cluster.ts';
import { containerErrors } from './errors/containers.ts';
import { type Entry, type ErrorKind, statusOfKind } from './errors/entry.ts';
import { imageErrors } from './errors/images.ts';
import { kvErrors } from './errors/kv.ts';
import { networkErrors } from './errors/networks.ts';
import { pluginErrors } from './errors/plugins.ts';
import { policyErrors } from './errors/policies.ts';
import { requestErrors } from './errors/requests.ts';
import { swarmErrors } from './errors/swarm.ts';
import { systemErrors } from './errors/system.ts';

/** The table. Keep it sorted by subject; an entry is (kind, message). */
export const errorTable = {
  ...requestErrors,
  ...pluginErrors,
  ...networkErrors,
  ...policyErrors,
  ...kvErrors,
  ...clusterErrors,
  ...swarmErrors,
  ...containerErrors,
  ...imageErrors,
  ...systemErrors,
} as const satisfies Record<string, Entry>;

export type ErrorCode = keyof typeof errorTable;

type Args<C extends ErrorCode> = Parameters<(typeof errorTable)[C][1]>;

/** An error of the table; `cause` is the error that led to it. */
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

/** Makes, but does not throw, the error of that code. */
export function fail<C extends ErrorCode>(code: C, ...args: Args<C>): SeawayError {
  const [kind, message] = errorTable[code] as unknown as readonly [ErrorKind, (...a: Args<C>) => string];
  return new SeawayError(code, kind, message(...args));
}

/** Prefixes the message with what was being done. Anything but a `SeawayError` is returned unchanged. */
export function during(doing: string, thrown: unknown): unknown {
  if (!(thrown instanceof SeawayError)) return thrown;
  const { code, kind, message } = thrown;
  return new SeawayError(code, kind, `${doing}: ${message}`, { cause: thrown });
}

/** Whether a thrown value is a `SeawayError` with one of these codes. */
export function hasCode(thrown: unknown, ...codes: readonly ErrorCode[]): boolean {
  return thrown instanceof SeawayError && codes.includes(thrown.code);
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
