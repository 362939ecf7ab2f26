/**
 * Sends the outbox's calls, which release what plugins have given, in order for each object. A plugin that is away or does
 * not answer is listed as degraded, and its calls are retried until it has answered.
 */
import { hasCode, messageOf } from '../errors.ts';
import type { OutboxEntry, PluginCall } from '../model/outbox.ts';
import type { Logger } from '../observe/logger.ts';
import type { Retries } from '../reconcile/retries.ts';
import { inTime } from './limit.ts';
import { Lane, type Outcome } from './outbox-lane.ts';
import type { Records } from './records.ts';

/** Refusals after which a call is given up. */
const mostRefusals = 6;
/** The same for a call that may be needless: nothing may have been given, or it may have been released already. */
const mostOfUnsure = 3;
/** Milliseconds after a refusal in which further ones do not count. */
const apart = 500;
/** Milliseconds that `work` waits for a plugin that did not answer the last call. */
const patience = 1000;

export interface OutboxView {
  all(table: 'outbox'): Iterable<OutboxEntry>;
  get(table: 'outbox', id: string): OutboxEntry | undefined;
}

/** Removes an entry from the table. */
export const forgetIn =
  (records: Pick<Records, 'keep'>) =>
  (id: string): Promise<unknown> =>
    records.keep((view) => (view.get('outbox', id) ? [{ table: 'outbox', remove: id }] : []));

export interface OutboxOptions {
  readonly view: OutboxView;
  /** Removes an entry that is done from the table. */
  readonly forget: (id: string) => Promise<unknown>;
  readonly retries: Pick<Retries, 'failed' | 'succeeded' | 'drop' | 'has'>;
  readonly logger: Logger;
  /** Throws PLUGIN_REFUSED or PLUGIN_LACKS_METHOD if the plugin has answered with an error, else why it did not answer. */
  readonly ask: (call: PluginCall) => Promise<unknown>;
}

export class Outbox {
  readonly #options: OutboxOptions;
  /** By plugin: the entries that are due. Entries of changes under way are not in a lane. */
  readonly #lanes = new Map<string, Lane>();
  /** Set by `workAll`: until then no call is made, so that the start of the engine waits for no plugin. */
  #hasBegun = false;
  readonly #refusals = new Map<string, { readonly count: number; readonly at: number }>();
  /** Entries that the plugin may have executed without answering. */
  readonly #unsure = new Set<string>();
  /** The first failure by plugin since the last report. */
  readonly #failures = new Map<string, unknown>();
  readonly #progress = new Set<string>();
  /** Removals from the table that are being written: the next call does not wait for them, and they share commits. */
  readonly #forgetting = new Set<Promise<void>>();

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /**
   * Sends these entries. Resolves once each was tried, with any outcome; for a plugin that is known not to answer, after
   * `patience` at the latest.
   */
  async work(ids: readonly string[]): Promise<void> {
    if (!this.#hasBegun) return;
    const entries = ids.flatMap((id) => this.#options.view.get('outbox', id) ?? []);
    await Promise.all(
      Array.from(
        Map.groupBy(entries, ({ plugin }) => plugin),
        ([plugin, some]) => this.#try(plugin, some),
      ),
    );
    await this.#forgotten();
  }

  /** Sends all entries: those that an earlier engine has left. */
  async workAll(): Promise<void> {
    this.#hasBegun = true;
    const ids = Array.from(this.#options.view.all('outbox'), ({ id }) => id);
    for (const id of ids) this.#unsure.add(id);
    await this.work(ids);
  }

  /** The plugin answers: its entries are tried again. Resolves once they were tried. */
  async answers(plugin: string, isWanted: (entry: OutboxEntry) => boolean = () => true): Promise<void> {
    await this.#lanes.get(plugin)?.again(isWanted);
    await this.#forgotten();
  }

  /** Drops entries whose object is gone at the plugin: there is nothing to release. */
  async drop(plugin: string, isGone: (entry: OutboxEntry) => boolean): Promise<void> {
    for (const entry of this.#lanes.get(plugin)?.find(isGone) ?? []) this.#done(entry);
    await this.#forgotten();
    if (!this.has(plugin)) this.#options.retries.succeeded(keyOf(plugin));
  }

  /**
   * The plugin has given something again that it was asked to release before, so it has released it. Sending the old entry
   * again would release the new one.
   */
  async regained({ plugin, method, body }: PluginCall): Promise<void> {
    const given = JSON.stringify(body);
    const isSame = (entry: OutboxEntry): boolean =>
      entry.method === method && JSON.stringify(entry.body) === given && this.#wasAsked(entry);
    if (this.has(plugin)) await this.drop(plugin, isSame);
  }

  #wasAsked({ id }: OutboxEntry): boolean {
    return this.#unsure.has(id) || this.#refusals.has(id);
  }

  /** Whether entries wait for the plugin. */
  has(plugin: string): boolean {
    return this.#lanes.get(plugin)?.isEmpty === false;
  }

  async #try(plugin: string, entries: readonly OutboxEntry[]): Promise<void> {
    const lane = this.#lane(plugin);
    const isSilent = lane.isSilent;
    const tried = lane.add(entries);
    if (isSilent) await inTime(tried, patience);
    else await tried;
  }

  #lane(plugin: string): Lane {
    const known = this.#lanes.get(plugin);
    if (known) return known;
    const lane = new Lane({
      ask: (entry, isCovered) => this.#ask(entry, isCovered),
      rested: () => this.#report(plugin),
    });
    this.#lanes.set(plugin, lane);
    return lane;
  }

  async #ask(entry: OutboxEntry, isCovered: boolean): Promise<Outcome> {
    const { plugin } = entry;
    try {
      await this.#options.ask(entry);
    } catch (error) {
      if (!this.#failures.has(plugin)) this.#failures.set(plugin, error);
      if (hasCode(error, 'PLUGIN_REFUSED', 'PLUGIN_LACKS_METHOD'))
        return this.#isBelieved(entry, { error, isCovered }) ? 'done' : 'refused';
      if (!hasCode(error, 'PLUGIN_BROKEN', 'PLUGIN_SLOW')) return 'away';
      this.#unsure.add(entry.id);
      return 'unanswered';
    }
    this.#progress.add(plugin);
    this.#done(entry);
    return 'done';
  }

  #report(plugin: string): void {
    const { retries } = this.#options;
    const key = keyOf(plugin);
    const failure = this.#failures.get(plugin);
    const isProgress = this.#progress.delete(plugin);
    this.#failures.delete(plugin);
    if (!this.has(plugin)) retries.succeeded(key);
    if (failure === undefined || !this.has(plugin)) return;
    // with progress the time between retries starts over
    if (isProgress) retries.drop(key);
    retries.failed({ key, name: `plugin ${plugin}` }, failure, () => this.answers(plugin));
  }

  /** Refusals in quick succession count once: their cause may last a moment. */
  #countRefusal(id: string): number {
    const now = performance.now();
    const before = this.#refusals.get(id);
    if (before && now - before.at < apart) return before.count;
    const count = (before?.count ?? 0) + 1;
    this.#refusals.set(id, { count, at: now });
    return count;
  }

  /** Whether the entry is given up after this refusal. */
  #isBelieved(
    entry: OutboxEntry,
    { error, isCovered }: { readonly error: unknown; readonly isCovered: boolean },
  ): boolean {
    const count = this.#countRefusal(entry.id);
    const isUnsure = isCovered || entry.state === 'asked' || this.#unsure.has(entry.id);
    if (count < (isUnsure ? mostOfUnsure : mostRefusals) && !hasCode(error, 'PLUGIN_LACKS_METHOD'))
      return false;
    if (!isUnsure)
      this.#options.logger.warn('a plugin refuses to take something back: it is not asked any more', {
        plugin: entry.plugin,
        method: entry.method,
        about: entry.about,
        error: messageOf(error),
      });
    this.#done(entry);
    return true;
  }

  #done({ id, plugin }: OutboxEntry): void {
    this.#lanes.get(plugin)?.remove(id);
    this.#refusals.delete(id);
    this.#unsure.delete(id);
    const written = this.#forget({ id, plugin }).finally(() => this.#forgetting.delete(written));
    this.#forgetting.add(written);
  }

  /** Resolves once what was executed so far is gone from the table. */
  async #forgotten(): Promise<void> {
    await Promise.all(this.#forgetting);
  }

  async #forget({ id, plugin }: Pick<OutboxEntry, 'id' | 'plugin'>): Promise<void> {
    try {
      await this.#options.forget(id);
    } catch (error) {
      // it stays in the table, and the next engine asks for it again
      this.#options.logger.warn('recording that a plugin has taken something back', {
        plugin,
        error: messageOf(error),
      });
    }
  }
}

const keyOf = (plugin: string): string => `plugin:${plugin}`;
