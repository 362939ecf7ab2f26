/** Transactions in Consul's format. */
import { randomInt } from 'node:crypto';
import type { Transaction } from '../kv.ts';
import { isPair, type Keys, type KvPair } from './entries.ts';

type Operation = {
  readonly KV: {
    readonly Verb: 'check-index' | 'check-not-exists' | 'delete' | 'set' | 'lock';
    readonly Key: string;
    readonly Value?: string;
    readonly Index?: number;
    readonly Session?: string;
    readonly Flags?: number;
  };
};

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** A key to be bound is removed first, because another session may hold its lock. */
export function operationsOf(
  keys: Keys,
  { compare = [], put = [], remove = [] }: Transaction,
): readonly Operation[] {
  const bound = put.filter(({ session }) => session !== undefined);
  return [
    ...compare.map(({ key, revision }): Operation => {
      const Key = keys.of(key);
      if (revision === undefined) return { KV: { Verb: 'check-not-exists', Key } };
      return { KV: { Verb: 'check-index', Key, Index: revision } };
    }),
    ...[...remove, ...bound.map(({ key }) => key)].map(
      (key): Operation => ({ KV: { Verb: 'delete', Key: keys.of(key) } }),
    ),
    ...put.map(({ key, value, session }): Operation => {
      // Consul skips a write that changes nothing, and the key would keep its revision
      const pair = { Key: keys.of(key), Value: base64(value), Flags: randomInt(2 ** 40) };
      if (session === undefined) return { KV: { Verb: 'set', ...pair } };
      return { KV: { Verb: 'lock', ...pair, Session: session.id } };
    }),
  ];
}

export type Outcome = { readonly results: readonly KvPair[]; readonly errors: readonly string[] };

const listOf = (json: unknown): readonly unknown[] => (Array.isArray(json) ? json : []);

/** Parses the response. */
export function outcomeOf(json: unknown): Outcome {
  if (typeof json !== 'object' || json === null)
    throw new Error('an answer that is no outcome of a transaction');
  const { Results, Errors } = json as { Results?: unknown; Errors?: unknown };
  return {
    results: listOf(Results)
      .map((one) => (one as { KV?: unknown } | null)?.KV)
      .filter(isPair),
    errors: listOf(Errors).map((one) => String((one as { What?: unknown } | null)?.What)),
  };
}
