/** Consul's keys and entries. Responses are validated. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Entry } from '../kv.ts';

/** Keys below the folder, without a leading slash. */
export class Keys {
  readonly #root: string;

  constructor(folder: string) {
    this.#root = folder === '' ? '' : `${folder}/`;
  }

  of(key: string): string {
    return `${this.#root}${key}`;
  }

  name(key: string): string {
    return key.slice(this.#root.length);
  }

  /** The request path for a key. */
  path(key: string): string {
    return `/v1/kv/${this.of(key).split('/').map(encodeURIComponent).join('/')}`;
  }

  below(prefix: string): string {
    return prefix === '' ? this.path('') : `${this.path(prefix)}/`;
  }
}

export type KvPair = {
  readonly Key: string;
  /** Base64. */
  readonly Value: string | null;
  readonly ModifyIndex: number;
  readonly Session?: string;
};

export function isPair(json: unknown): json is KvPair {
  if (typeof json !== 'object' || json === null) return false;
  const { Key, Value, ModifyIndex } = json as Partial<KvPair>;
  const hasValue = Value === null || Value === undefined || typeof Value === 'string';
  return typeof Key === 'string' && hasValue && Number.isSafeInteger(ModifyIndex);
}

export function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    throw new Error(`an answer that is no JSON: ${JSON.stringify(body.toString('latin1', 0, 100))}`);
  }
}

export const entryOf = (keys: Keys, { Key, Value, ModifyIndex }: KvPair): Entry => ({
  key: keys.name(Key),
  value: Buffer.from(Value ?? '', 'base64').toString(),
  revision: ModifyIndex,
});

/** Entries decoded before yielding to the event loop. */
const atOnce = 1_000;

export async function entriesOf(keys: Keys, body: Buffer): Promise<readonly Entry[]> {
  const pairs = parse(body);
  if (!Array.isArray(pairs) || !pairs.every(isPair)) throw new Error('an answer that is no list of keys');
  const entries: Entry[] = [];
  for (const pair of pairs) {
    entries.push(entryOf(keys, pair));
    if (entries.length % atOnce === 0) await nextTurn();
  }
  return entries;
}
