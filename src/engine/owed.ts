/** Records that changed in memory while the store could not be written. */
import { type Change, keyOf, type TableName, type View } from '../model/tables.ts';
import type { NameChange } from '../names/records.ts';

export interface Batch {
  readonly changes: readonly Change[];
  readonly names: NameChange;
}

type SandboxChange = NameChange['sandboxes'][number];
type EntryChange = NameChange['names'][number];

/** Notes only keys of records; the current record is written later. */
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
   * Adds batches that were not written. Entries that are already owed are of later batches, which fail first
   * (`CommitQueue`), and take precedence.
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

  /** Takes everything, with the current records. Nothing is owed afterwards, unless it is added again. */
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
