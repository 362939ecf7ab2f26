/** Records without indexes: the image store needs no more of the model than its tables. */
import type { ImageView } from '../../src/images/images.ts';
import { type Change, keyOf, type TableName, type Tables, type View } from '../../src/model/tables.ts';
import { changesOf, type Decision, type Transition } from '../../src/model/transition.ts';

export class Records implements Pick<View, 'get' | 'all'> {
  readonly #tables = new Map<TableName, Map<string, unknown>>();

  #rows<T extends TableName>(table: T): Map<string, Tables[T]> {
    const rows = this.#tables.get(table) ?? new Map<string, unknown>();
    this.#tables.set(table, rows);
    return rows as Map<string, Tables[T]>;
  }

  get<T extends TableName>(table: T, key: string): Tables[T] | undefined {
    return this.#rows(table).get(key);
  }

  all<T extends TableName>(table: T): Iterable<Tables[T]> {
    return [...this.#rows(table).values()];
  }

  apply(changes: readonly Change[]): void {
    for (const change of changes)
      if ('put' in change) this.#rows(change.table).set(keyOf(change.table, change.put), change.put);
      else this.#rows(change.table).delete(change.remove);
  }
}

/** What a transition decides is made at once. */
export function made<D extends Decision>(
  records: ImageView & { apply(changes: readonly Change[]): unknown },
  transition: Transition<D, ImageView>,
): D {
  const decided = transition(records);
  records.apply(changesOf(decided));
  return decided;
}
