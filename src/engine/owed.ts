/** What memory has and the disk has not: the records that changed while the store could not be written. */
import { type Change, keyOf, type TableName, type View } from '../model/tables.ts';
import type { NameChange } from '../names/records.ts';

export interface Batch {
  readonly changes: readonly Change[];
  readonly names: NameChange;
}

type SandboxChange = NameChange['sandboxes'][number];
type EntryChange = NameChange['names'][number];

/** Of each record only that it is owed is noted: what is written is what memory has by then. */
export class Owed {
  readonly #view: Pick<View, 'get'>;
  readonly #records = new Map<string, { readonly table: TableName; readonly key: string }>();
  readonly #sandboxes = new Map<string, SandboxChange>();
  readonly #entries = new Map<string, EntryChange>();

  constructor(view: Pick<View, 'get'>) {
    this.#view = view;
  }

  isEmpty(): boolean {
    return this.#records.size + this.#sandboxes.size + this.#entries.size === 0;
  }

  /**
   * A batch that was not written, and what it took along. What is owed by then is of later batches: those fail
   * first (`CommitQueue`), and stay as they are.
   */
  add(batches: readonly Batch[]): void {
    const later = { sandboxes: [...this.#sandboxes], entries: [...this.#entries] };
    for (const batch of batches) this.#addOne(batch);
    for (const [key, one] of later.sandboxes) this.#sandboxes.set(key, one);
    for (const [key, one] of later.entries) this.#entries.set(key, one);
  }

  #addOne({ changes, names }: Batch): void {
    for (const change of changes) {
      const { table } = change;
      const key = 'remove' in change ? change.remove : keyOf(table, change.put);
      this.#records.set(`${table} ${key}`, { table, key });
    }
    for (const one of names.sandboxes) this.#sandboxes.set(one.id, one);
    for (const one of names.names) this.#entries.set(`${one.networkId} ${one.endpointId} ${one.name}`, one);
  }

  /** All of it, as it is now. Nothing is owed any more, unless it is added again. */
  take(): Batch {
    const changes = Array.from(this.#records.values(), ({ table, key }): Change => {
      const put = this.#view.get(table, key);
      return (put ? { table, put } : { table, remove: key }) as Change;
    });
    const names = { sandboxes: [...this.#sandboxes.values()], names: [...this.#entries.values()] };
    this.#records.clear();
    this.#sandboxes.clear();
    this.#entries.clear();
    return { changes, names };
  }
}
