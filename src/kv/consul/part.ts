/** Parts of a long list, each followed by a query of its own: at a change Consul sends the whole list that was asked for. */
import { changesBetween, follow, revisionsOf } from '../difference.ts';
import type { Changes, Entry } from '../kv.ts';

/** More entries are followed in parts, if there are any. A part costs a connection, of which a client may have 200. */
export const longList = 500;

export class Part {
  /** Beginning of its keys. */
  readonly begin: string;
  readonly #known: Map<string, number>;
  /** Of its last answer; the first query returns at once. */
  index = 1;

  /** `entries`: of all parts. */
  constructor(begin: string, entries: readonly Entry[]) {
    this.begin = begin;
    this.#known = revisionsOf(entries.filter(({ key }) => key.startsWith(begin)));
  }

  changes(entries: readonly Entry[], revision: number): Changes {
    const changes = changesBetween(this.#known, { revision, entries });
    follow(this.#known, changes);
    return changes;
  }
}
