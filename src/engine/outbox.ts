/**
 * Works off the outbox: what plugins are to take back, in order for each object. A plugin that is away or does not
 * answer is degraded by name, and asked again until it has answered.
 */
import { hasCode, messageOf } from '../errors.ts';
import type { OutboxEntry, PluginCall } from '../model/outbox.ts';
import type { Logger } from '../observe/logger.ts';
import type { Retries } from '../reconcile/retries.ts';
import { inTime } from './limit.ts';
import { Lane, type Outcome } from './outbox-lane.ts';
import type { Records } from './records.ts';

/** So often a plugin may say no to what it is asked to take back; then it is believed. */
const mostRefusals = 6;
/** Of what it may never have given, or may have taken back already. */
const mostOfUnsure = 3;
/** Milliseconds between refusals that count. */
const apart = 500;
/** Milliseconds that a request waits for a plugin that did not answer the last one. */
const patience = 1000;

export interface OutboxView {
  all(table: 'outbox'): Iterable<OutboxEntry>;
  get(table: 'outbox', id: string): OutboxEntry | undefined;
}

/** Takes an entry out of the table. */
export const forgetIn =
  (records: Pick<Records, 'keep'>) =>
  (id: string): Promise<unknown> =>
    records.keep((view) => (view.get('outbox', id) ? [{ table: 'outbox', remove: id }] : []));

export interface OutboxOptions {
  readonly view: OutboxView;
  /** It is done, and leaves the table. */
  readonly forget: (id: string) => Promise<unknown>;
  readonly retries: Pick<Retries, 'failed' | 'succeeded' | 'drop' | 'has'>;
  readonly logger: Logger;
  /** Throws PLUGIN_REFUSED and PLUGIN_LACKS_METHOD where the plugin has answered, else what keeps it from that. */
  readonly ask: (call: PluginCall) => Promise<unknown>;
}

export class Outbox {
  readonly #options: OutboxOptions;
  /** By plugin: entries that may be worked off. The others belong to changes that are under way. */
  readonly #lanes = new Map<string, Lane>();
  /** Nothing waits for a plugin while the engine starts. */
  #hasBegun = false;
  readonly #refusals = new Map<string, { readonly count: number; readonly at: number }>();
  /** Entries that the plugin may have done already, without an answer. */
  readonly #unsure = new Set<string>();
  /** By plugin, since it was last reported. */
  readonly #failures = new Map<string, unknown>();
  readonly #progress = new Set<string>();

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /**
   * These are due now. Resolves once each has been tried, whatever came of it; after a moment for a plugin that is known
   * not to answer.
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
  }

  /** All of it: what an engine before this one has left. */
  async workAll(): Promise<void> {
    this.#hasBegun = true;
    const ids = Array.from(this.#options.view.all('outbox'), ({ id }) => id);
    for (const id of ids) this.#unsure.add(id);
    await this.work(ids);
  }

  /** The plugin answers: what waits for it need not wait any longer. Resolves once it has been tried. */
  async answers(plugin: string, isWanted: (entry: OutboxEntry) => boolean = () => true): Promise<void> {
    await this.#lanes.get(plugin)?.again(isWanted);
  }

  /** What some entries are about is gone at the plugin: there is nothing to take back. */
  async drop(plugin: string, isGone: (entry: OutboxEntry) => boolean): Promise<void> {
    for (const entry of this.#lanes.get(plugin)?.find(isGone) ?? []) await this.#done(entry);
    if (!this.has(plugin)) this.#options.retries.succeeded(keyOf(plugin));
  }

  /**
   * The plugin has given again what it was already asked to take back: it did that, whatever it said. Asking it once more
   * would take the new one.
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

  /** Whether anything waits for the plugin. */
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
        return (await this.#isBelieved(entry, { error, isCovered })) ? 'done' : 'refused';
      if (!hasCode(error, 'PLUGIN_BROKEN', 'PLUGIN_SLOW')) return 'away';
      this.#unsure.add(entry.id);
      return 'unanswered';
    }
    this.#progress.add(plugin);
    await this.#done(entry);
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
    // one that does something is not tried less and less often
    if (isProgress) retries.drop(key);
    retries.failed({ key, name: `plugin ${plugin}` }, failure, () => this.answers(plugin));
  }

  /** One that follows another at once says nothing new: whatever made the plugin refuse may last a moment. */
  #countRefusal(id: string): number {
    const now = performance.now();
    const before = this.#refusals.get(id);
    if (before && now - before.at < apart) return before.count;
    const count = (before?.count ?? 0) + 1;
    this.#refusals.set(id, { count, at: now });
    return count;
  }

  /** Whether a refusal is the last word: of what it may never have done the plugin need not know anything. */
  async #isBelieved(
    entry: OutboxEntry,
    { error, isCovered }: { readonly error: unknown; readonly isCovered: boolean },
  ): Promise<boolean> {
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
    await this.#done(entry);
    return true;
  }

  async #done({ id, plugin }: OutboxEntry): Promise<void> {
    this.#lanes.get(plugin)?.remove(id);
    this.#refusals.delete(id);
    this.#unsure.delete(id);
    await this.#options.forget(id);
  }
}

const keyOf = (plugin: string): string => `plugin:${plugin}`;
