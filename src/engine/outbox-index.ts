/** The entries of one plugin, indexed by object and by the fields of their calls, to find dependencies quickly. */
import { comesAfter, type OutboxEntry, takesWithIt } from '../model/outbox.ts';

interface Holding {
  readonly entry: OutboxEntry;
}

export class OutboxIndex<T extends Holding> {
  readonly #items = new Map<string, T>();
  readonly #byName = new Map<string, Set<T>>();

  get size(): number {
    return this.#items.size;
  }

  all(): Iterable<T> {
    return this.#items.values();
  }

  get(id: string): T | undefined {
    return this.#items.get(id);
  }

  add(item: T): void {
    this.#items.set(item.entry.id, item);
    for (const name of namesOf(item.entry)) {
      const group = this.#byName.get(name) ?? new Set();
      this.#byName.set(name, group.add(item));
    }
  }

  remove(id: string): void {
    const item = this.#items.get(id);
    if (!item) return;
    this.#items.delete(id);
    for (const name of namesOf(item.entry)) {
      const group = this.#byName.get(name);
      group?.delete(item);
      if (group?.size === 0) this.#byName.delete(name);
    }
  }

  /** Entries that must be sent before this one. */
  before(entry: OutboxEntry): readonly T[] {
    const found = new Set([...(this.#byName.get(`about ${entry.about}`) ?? []), ...this.#partsOf(entry)]);
    return [...found].filter((item) => comesAfter(entry, item.entry));
  }

  /** Entries whose object is gone once this one is done. */
  covered(entry: OutboxEntry): readonly T[] {
    return [...this.#partsOf(entry)].filter((item) => takesWithIt(entry, item.entry));
  }

  /** The smallest group of its fields: its parts are in each of these groups. */
  #partsOf({ body }: OutboxEntry): Iterable<T> {
    const groups = fieldsOf(body).map((name) => this.#byName.get(name) ?? new Set<T>());
    return groups.reduce((least, group) => (group.size < least.size ? group : least), groups[0] ?? new Set());
  }
}

const fieldsOf = (body: OutboxEntry['body']): readonly string[] =>
  Object.entries(body).map(([field, value]) => `${field} ${String(value)}`);

const namesOf = ({ about, body }: OutboxEntry): readonly string[] => [`about ${about}`, ...fieldsOf(body)];
