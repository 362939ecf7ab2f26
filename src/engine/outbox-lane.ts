/**
 * What one plugin is to take back, in order for each object: its endpoint, its network, its volume. Objects do not wait for
 * each other longer than a moment, so that a call that hangs keeps only its own object.
 */
import type { OutboxEntry } from '../model/outbox.ts';
import { inTime } from './limit.ts';
import { OutboxIndex } from './outbox-index.ts';

/** What came of one request. `away`: nothing was asked, and the other requests would fare the same. */
export type Outcome = 'done' | 'refused' | 'unanswered' | 'away';

/** Milliseconds that the next object waits for the one before: a plugin that answers is asked in order, one by one. */
const moment = 300;
/** Requests that wait for answers at one time. */
const mostAtOnce = 8;

interface Item {
  readonly entry: OutboxEntry;
  phase: 'ready' | 'asking' | 'refused' | 'unanswered';
  /** Resolves once it was tried, or cannot be before an earlier one has been answered. */
  tried: PromiseWithResolvers<void>;
  /** How often it had no answer. */
  silences: number;
  /** What it is a part of was taken back after it: there may be nothing left to take back. */
  isCovered: boolean;
}

export interface LaneOptions {
  /** Asks once. `isCovered`: what it is a part of was taken back already. Never rejects. */
  readonly ask: (entry: OutboxEntry, isCovered: boolean) => Promise<Outcome>;
  /** Everything was tried that could be. */
  readonly rested: () => void;
}

export class Lane {
  readonly #options: LaneOptions;
  readonly #items = new OutboxIndex<Item>();
  readonly #waiting: (() => void)[] = [];
  #asking = 0;
  #rounds = 0;
  /** Requests without an answer since the last answer. */
  #silences = 0;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#items.size === 0;
  }

  /** The entries that are wanted. */
  find(isWanted: (entry: OutboxEntry) => boolean): readonly OutboxEntry[] {
    return Array.from(this.#items.all(), ({ entry }) => entry).filter(isWanted);
  }

  /** Whether nothing was answered lately. */
  get isSilent(): boolean {
    return this.#silences > 0;
  }

  /** Resolves once each was tried, or waits for one that has had no answer. */
  async add(entries: readonly OutboxEntry[]): Promise<void> {
    for (const entry of entries) if (!this.#items.get(entry.id)) this.#items.add(newItem(entry));
    await this.#round(entries.flatMap(({ id }) => this.#items.get(id) ?? []));
  }

  /** As `add`, for what was tried before. What had no answer comes last. */
  async again(isWanted: (entry: OutboxEntry) => boolean): Promise<void> {
    const items = [...this.#items.all()].filter(({ entry }) => isWanted(entry));
    for (const item of items)
      if (item.phase === 'refused' || item.phase === 'unanswered') {
        item.phase = 'ready';
        item.tried = Promise.withResolvers();
      }
    await this.#round(items.sort((a, b) => a.silences - b.silences || compare(a, b)));
  }

  remove(id: string): void {
    this.#items.get(id)?.tried.resolve();
    this.#items.remove(id);
  }

  async #round(items: readonly Item[]): Promise<void> {
    this.#rounds += 1;
    const tasks: Promise<void>[] = [];
    for (const object of Map.groupBy(items, ({ entry }) => entry.about).values()) {
      const task = this.#inOrder(object);
      tasks.push(task);
      await inTime(task, moment);
    }
    await Promise.all(tasks);
    this.#rounds -= 1;
    if (this.#rounds === 0) this.#options.rested();
  }

  async #inOrder(items: readonly Item[]): Promise<void> {
    for (const item of items.toSorted(compare)) await this.#try(item);
  }

  async #try(item: Item): Promise<void> {
    if (item.phase !== 'ready') return item.phase === 'asking' ? item.tried.promise : undefined;
    const before = this.#items.before(item.entry);
    for (const { tried } of before) await tried.promise;
    await this.#takeSlot();
    if (item.phase === 'ready' && this.#items.get(item.entry.id)) {
      const isHeldUp = before.some(({ entry }) => this.#items.get(entry.id)?.phase === 'unanswered');
      if (isHeldUp) item.phase = 'unanswered';
      else await this.#ask(item);
    }
    this.#freeSlot();
    item.tried.resolve();
  }

  /** Resolves when one more may be asked. */
  async #takeSlot(): Promise<void> {
    if (this.#asking < mostAtOnce) this.#asking += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Hands it to the next one that waits. */
  #freeSlot(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#asking -= 1;
  }

  async #ask(item: Item): Promise<void> {
    item.phase = 'asking';
    const outcome = await this.#options.ask(item.entry, item.isCovered);
    this.#silences = outcome === 'done' || outcome === 'refused' ? 0 : this.#silences + 1;
    if (outcome === 'done') return this.#done(item);
    item.phase = outcome === 'refused' ? 'refused' : 'unanswered';
    if (outcome !== 'refused') item.silences += 1;
    if (outcome === 'away' || this.#silences >= mostAtOnce) this.#giveUp();
  }

  #done({ entry }: Item): void {
    for (const item of this.#items.covered(entry)) item.isCovered = true;
    this.#items.remove(entry.id);
  }

  /** Nobody answers: the rest is left for the next round. */
  #giveUp(): void {
    for (const item of this.#items.all())
      if (item.phase === 'ready') {
        item.phase = 'unanswered';
        item.tried.resolve();
      }
  }
}

const newItem = (entry: OutboxEntry): Item => ({
  ...{ entry, phase: 'ready', tried: Promise.withResolvers(), silences: 0, isCovered: false },
});

const compare = (a: Item, b: Item): number => (a.entry.id < b.entry.id ? -1 : 1);
