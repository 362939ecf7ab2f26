/** The output of a watch. States and changes go in; they are merged until the consumer takes the next item. */
import { changesBetween, follow, isEmpty, revisionsOf } from './difference.ts';
import type { Changes, Entry, Range, Snapshot } from './kv.ts';

/** Merges a change into an item that was not taken yet. */
function merged(before: Snapshot | Changes, later: Changes): Snapshot | Changes {
  const put = new Map(
    (before.kind === 'snapshot' ? before.entries : before.put).map((one) => [one.key, one]),
  );
  const removed = new Set(before.kind === 'snapshot' ? [] : before.removed);
  for (const entry of later.put) {
    put.set(entry.key, entry);
    removed.delete(entry.key);
  }
  for (const key of later.removed) {
    put.delete(key);
    removed.add(key);
  }
  const entries: readonly Entry[] = [...put.values()];
  if (before.kind === 'snapshot') return { kind: 'snapshot', revision: later.revision, entries };
  return { kind: 'changes', revision: later.revision, put: entries, removed: [...removed] };
}

export class Feed implements AsyncIterable<Snapshot | Changes> {
  /** Revisions by key that the consumer knows once it has taken the waiting item. */
  #known: Map<string, number> | undefined;
  #waiting: Snapshot | Changes | undefined;
  #ended = false;
  #revision = 0;
  #wake: (() => void) | undefined;
  readonly #onEnd: () => void;

  /** `onEnd` is called when the consumer leaves its loop or the feed ends. */
  constructor(onEnd: () => void = () => undefined) {
    this.#onEnd = onEnd;
  }

  /** The latest revision that went in; 0 before the first state. */
  get revision(): number {
    return this.#revision;
  }

  /** Keys that there are. */
  get size(): number {
    return this.#known?.size ?? 0;
  }

  get begun(): boolean {
    return this.#known !== undefined;
  }

  /** A full state whose relation to the previous one is unknown. */
  snapshot({ revision, entries }: Range): void {
    this.#known = revisionsOf(entries);
    this.#revision = revision;
    this.#offer({ kind: 'snapshot', revision, entries });
  }

  /** A full state of the same history. Yields only the difference. */
  state(range: Range): void {
    if (this.#known === undefined || range.revision < this.#revision) this.snapshot(range);
    else this.#change(this.#known, changesBetween(this.#known, range));
  }

  /** At most one change per key. Known revisions are dropped. */
  changes({ revision, put, removed }: Omit<Changes, 'kind'>): void {
    const known = this.#known;
    if (known === undefined) return;
    this.#change(known, {
      kind: 'changes',
      revision,
      put: put.filter((entry) => known.get(entry.key) !== entry.revision),
      removed: removed.filter((key) => known.has(key)),
    });
  }

  #change(known: Map<string, number>, changes: Changes): void {
    this.#revision = Math.max(this.#revision, changes.revision);
    if (isEmpty(changes)) return;
    follow(known, changes);
    this.#offer(this.#waiting === undefined ? changes : merged(this.#waiting, changes));
  }

  #offer(next: Snapshot | Changes): void {
    this.#waiting = next;
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Snapshot | Changes> {
    try {
      while (!this.#ended) {
        const next = this.#waiting;
        this.#waiting = undefined;
        if (next !== undefined) yield next;
        else await this.#more();
      }
    } finally {
      this.#onEnd();
    }
  }

  async #more(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    await promise;
    this.#wake = undefined;
  }
}
