/**
 * Calls to plugins for an object that is not recorded yet. The undo of each call is put into the outbox before the call is
 * made, so that it is undone after an error, a crash of the plugin, or the end of the engine.
 */
import { hasCode } from '../errors.ts';
import type { Ledger } from '../model/driver.ts';
import {
  entriesFor,
  type Holding,
  intentId,
  type OutboxEntry,
  type OutboxGenerators,
  type PluginCall,
} from '../model/outbox.ts';
import type { Change, View } from '../model/tables.ts';
import { nothingDone } from '../plugins/plugins.ts';
import type { Outbox } from './outbox.ts';
import type { Records } from './records.ts';

export interface LedgerOptions {
  /** `endpoint:ID`: the commit that records the object removes the entries. */
  readonly about: string;
  readonly records: Pick<Records, 'transact' | 'keep'>;
  readonly outbox: Pick<Outbox, 'work' | 'regained'>;
  readonly generate: OutboxGenerators;
}

interface Held<T> {
  readonly chosen: T;
  readonly holds: Holding;
}

export class PreparationLedger implements Ledger {
  readonly #options: LedgerOptions;
  readonly #began: string;
  /** In the order of the requests. */
  readonly #entries: OutboxEntry[] = [];
  /** Ids of the entries whose call was made. */
  readonly #asked = new Set<string>();
  #count = 0;

  constructor(options: LedgerOptions) {
    this.#options = options;
    this.#began = options.generate.now();
  }

  async ask<T>(undo: PluginCall | undefined, request: () => Promise<T>): Promise<T> {
    const entry = undo && (this.#planned(undo) ?? (await this.#write(this.#entry(undo, 'asked'))));
    if (entry) this.#asked.add(entry.id);
    try {
      const answer = await request();
      if (entry) {
        this.#replace(entry, { ...entry, state: 'given' });
        await this.#options.outbox.regained(entry);
      }
      return answer;
    } catch (error) {
      if (entry && hasCode(error, ...nothingDone)) this.#replace(entry);
      throw error;
    }
  }

  async given(undo: PluginCall): Promise<void> {
    const put = this.#entry(undo, 'given');
    this.#entries.push(put);
    this.#asked.add(put.id);
    // `keep`: it has happened, even if the disk is full
    await this.#options.records.keep(() => [{ table: 'outbox', put }]);
    await this.#options.outbox.regained(undo);
  }

  /** Undoes some of the calls while the others are kept. */
  async giveBack(undos: readonly PluginCall[]): Promise<void> {
    const { records, generate, about, outbox } = this.#options;
    const wanted = new Set(undos.map(({ body }) => JSON.stringify(body)));
    const mine = this.#entries.filter(({ body }) => wanted.has(JSON.stringify(body)));
    if (mine.length === 0) return;
    const due = entriesFor(about, undos, generate);
    await records.transact(() => [
      ...mine.map(({ id }): Change => ({ table: 'outbox', remove: id })),
      ...due.map((put): Change => ({ table: 'outbox', put })),
    ]);
    for (const entry of mine) this.#replace(entry);
    await outbox.work(due.map(({ id }) => id));
  }

  /**
   * Reserves what a transition has chosen while plugins are called: one commit records the choice and the undos of the
   * calls. `undos`: in the order in which the calls will be made.
   */
  async hold<T>(undos: readonly PluginCall[], choose: (view: View) => Held<T>): Promise<T> {
    const planned = undos.map((undo) => this.#entry(undo, 'asked'));
    const { decided } = await this.#options.records.transact((view) => {
      const { chosen, holds } = choose(view);
      const puts = planned.map((entry, index) => (index === 0 ? { ...entry, holds } : entry));
      return { chosen, puts, changes: puts.map((put): Change => ({ table: 'outbox', put })) };
    });
    this.#entries.push(...decided.puts);
    return decided.chosen;
  }

  /** Undoes all calls, now or as soon as possible. */
  async takeBack(): Promise<void> {
    const { records, generate, about, outbox } = this.#options;
    const { decided } = await records.keep((view) => {
      // entries that a commit has removed are undone with the recorded object
      const mine = this.#entries.filter(({ id }) => view.get('outbox', id));
      const calls = mine.filter(({ id }) => this.#asked.has(id)).reverse();
      const again = entriesFor(about, calls, generate).map(({ holds: _, ...entry }, index): OutboxEntry => {
        return { ...entry, state: calls[index]?.state === 'asked' ? 'asked' : 'due' };
      });
      const gone = [...view.all('outbox')].filter((one) => one.about === about && one.state !== 'due');
      return {
        again: again.map(({ id }) => id),
        changes: [
          ...gone.map(({ id }): Change => ({ table: 'outbox', remove: id })),
          ...again.map((put): Change => ({ table: 'outbox', put })),
        ],
      };
    });
    this.#entries.length = 0;
    await outbox.work(decided.again);
  }

  #entry(call: PluginCall, state: 'asked' | 'given'): OutboxEntry {
    const { about, generate } = this.#options;
    const id = intentId(this.#began, this.#count++, generate);
    return { ...call, id, about, state, since: this.#began };
  }

  async #write(put: OutboxEntry): Promise<OutboxEntry> {
    await this.#options.records.transact(() => [{ table: 'outbox', put }]);
    this.#entries.push(put);
    return put;
  }

  #planned({ method, body }: PluginCall): OutboxEntry | undefined {
    const wanted = JSON.stringify(body);
    return this.#entries.find(
      (entry) =>
        entry.method === method && JSON.stringify(entry.body) === wanted && !this.#asked.has(entry.id),
    );
  }

  /** In memory only: after a crash the entry is still `asked`, which is as safe. */
  #replace(entry: OutboxEntry, ...by: readonly OutboxEntry[]): void {
    const index = this.#entries.findIndex(({ id }) => id === entry.id);
    if (index >= 0) this.#entries.splice(index, 1, ...by);
  }
}
