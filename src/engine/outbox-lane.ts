/**
 * The calls for one plugin, in order for each object (endpoint, network, volume). Objects wait for each other for a moment
 * only, so that a call that hangs delays its own object alone.
 */
import type { OutboxEntry } from '../model/outbox.ts';
import { inTime } from './limit.ts';
import { OutboxIndex } from './outbox-index.ts';

/** The outcome of a call. `away`: it was not sent, and no other call would be. */
export type Outcome = 'done' | 'refused' | 'unanswered' | 'away';

/** Milliseconds that the next object waits for the one before, so that a plugin that answers gets one call at a time. */
const moment = 300;
/** Concurrent calls. */
const mostAtOnce = 8;

interface Item {
  readonly entry: OutboxEntry;
  phase: 'ready' | 'asking' | 'refused' | 'unanswered';
  /** Resolves once it was tried, or an unanswered earlier call holds it up. */
  tried: PromiseWithResolvers<void>;
  /** Number of calls without an answer. */
  silences: number;
  /** The whole that it is a part of was released: there may be nothing left to release. */
  isCovered: boolean;
}

export interface LaneOptions {
  /** Sends the call once. `isCovered`: the whole that it is a part of was released. Never rejects. */
  readonly ask: (entry: OutboxEntry, isCovered: boolean) => Promise<Outcome>;
  /** Called when everything that can be tried was tried. */
  readonly rested: () => void;
}

export class Lane {
  readonly #options: LaneOptions;
  readonly #items = new OutboxIndex<Item>();
  readonly #waiting: (() => void)[] = [];
  #asking = 0;
  #rounds = 0;
  /** Unanswered calls since the last answer. */
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

  /** Whether the last call had no answer. */
  get isSilent(): boolean {
    return this.#silences > 0;
  }

  /** Resolves once each was tried, or is held up by an unanswered one. */
  async add(entries: readonly OutboxEntry[]): Promise<void> {
    for (const entry of entries) if (!this.#items.get(entry.id)) this.#items.add(newItem(entry));
    await this.#round(entries.flatMap(({ id }) => this.#items.get(id) ?? []));
  }

  /** As `add`, for entries that were tried before; those without an answer come last. */
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

  /** Resolves when one more call may be made. */
  async #takeSlot(): Promise<void> {
    if (this.#asking < mostAtOnce) this.#asking += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Passes the slot to the next caller that waits. */
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

  /** The plugin does not answer: the rest is left for the next round. */
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
