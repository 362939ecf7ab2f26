/** What a route below /seaway/ is, for docs/api.md. */
import type { TSchema } from 'typebox';

export interface Description {
  readonly what: string;
  readonly body?: TSchema;
  readonly example?: unknown;
  /** Of an answer that is lines of JSON. */
  readonly line?: object;
  /** Of an answer that is a stream: what it is. */
  readonly stream?: string;
  readonly errors: readonly string[];
}
