/** Entries of one plugin by what they are about and what they name: which wait for which is found without a look at all. */
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

  /** Those that are taken back before it. */
  before(entry: OutboxEntry): readonly T[] {
    const found = new Set([...(this.#byName.get(`about ${entry.about}`) ?? []), ...this.#partsOf(entry)]);
    return [...found].filter((item) => comesAfter(entry, item.entry));
  }

  /** Those of which nothing is left once it is done. */
  covered(entry: OutboxEntry): readonly T[] {
    return [...this.#partsOf(entry)].filter((item) => takesWithIt(entry, item.entry));
  }

  /** Of the groups of all that it names the smallest: whatever is a part of it is in each. */
  #partsOf({ body }: OutboxEntry): Iterable<T> {
    const groups = fieldsOf(body).map((name) => this.#byName.get(name) ?? new Set<T>());
    return groups.reduce((least, group) => (group.size < least.size ? group : least), groups[0] ?? new Set());
  }
}

const fieldsOf = (body: OutboxEntry['body']): readonly string[] =>
  Object.entries(body).map(([field, value]) => `${field} ${String(value)}`);

const namesOf = ({ about, body }: OutboxEntry): readonly string[] => [`about ${about}`, ...fieldsOf(body)];
