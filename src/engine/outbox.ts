/**
 * Works off the outbox: what plugins are to take back, in order for each of them. A plugin that is away or does not
 * answer is degraded by name, and asked again until it has answered.
 */
import { hasCode, messageOf } from '../errors.ts';
import type { OutboxEntry, PluginCall } from '../model/outbox.ts';
import type { View } from '../model/tables.ts';
import type { Logger } from '../observe/logger.ts';
import type { Retries } from '../reconcile/retries.ts';
import type { Records } from './records.ts';

/** So often a plugin may say no to what it is asked to take back; then it is believed. */
const mostRefusals = 6;
/** Of what it may never have given, or may have taken back already. */
const mostOfUnsure = 3;

export interface OutboxOptions {
  readonly view: Pick<View, 'all' | 'get'>;
  readonly records: Pick<Records, 'keep'>;
  readonly retries: Pick<Retries, 'failed' | 'succeeded' | 'drop' | 'has'>;
  readonly logger: Logger;
  /** Throws PLUGIN_REFUSED and PLUGIN_LACKS_METHOD where the plugin has answered, else what keeps it from that. */
  readonly ask: (call: PluginCall) => Promise<unknown>;
}

export class Outbox {
  readonly #options: OutboxOptions;
  /** Entries that may be worked off: the others belong to changes that are under way. */
  readonly #due = new Set<string>();
  /** Nothing waits for a plugin while the engine starts. */
  #hasBegun = false;
  readonly #passes = new Map<string, Promise<void>>();
  readonly #refusals = new Map<string, number>();
  /** Entries that the plugin may have done already, without an answer. */
  readonly #unsure = new Set<string>();

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /**
   * These are due now. Resolves once each has been tried, whatever came of it; at once for a plugin that is known not to
   * answer.
   */
  async work(ids: readonly string[]): Promise<void> {
    const entries = ids.flatMap((id) => this.#options.view.get('outbox', id) ?? []);
    for (const { id } of entries) this.#due.add(id);
    if (!this.#hasBegun) return;
    const plugins = new Set(entries.map(({ plugin }) => plugin));
    await Promise.all(
      Array.from(plugins, (plugin) => {
        const known = this.#options.retries.has(keyOf(plugin));
        const pass = this.#tried(plugin);
        return known ? undefined : pass;
      }),
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
  async answers(plugin: string): Promise<void> {
    if (this.#hasBegun && this.#dueOf(plugin).length > 0) await this.#tried(plugin);
  }

  /** What some entries are about is gone at the plugin: there is nothing to take back. */
  async drop(plugin: string, isGone: (entry: OutboxEntry) => boolean): Promise<void> {
    for (const entry of this.#dueOf(plugin).filter(isGone)) await this.#done(entry);
    if (this.#dueOf(plugin).length === 0) this.#options.retries.succeeded(keyOf(plugin));
  }

  /** Whether anything waits for the plugin. */
  has(plugin: string): boolean {
    return this.#dueOf(plugin).length > 0;
  }

  /** After the pass that is under way, which may be past these entries already. */
  async #tried(plugin: string): Promise<void> {
    const running = this.#passes.get(plugin);
    if (running) await running;
    const next = this.#passes.get(plugin);
    if (next) return next;
    if (this.#dueOf(plugin).length === 0) return this.#options.retries.succeeded(keyOf(plugin));
    const pass = this.#pass(plugin).finally(() => this.#passes.delete(plugin));
    this.#passes.set(plugin, pass);
    return pass;
  }

  async #pass(plugin: string): Promise<void> {
    const tried = new Set<string>();
    let failure: unknown;
    let isProgress = false;
    for (;;) {
      const entry = this.#dueOf(plugin).find(({ id }) => !tried.has(id));
      if (!entry) break;
      tried.add(entry.id);
      try {
        await this.#options.ask(entry);
        await this.#done(entry);
        isProgress = true;
      } catch (error) {
        failure ??= error;
        if (hasCode(error, 'PLUGIN_BROKEN', 'PLUGIN_SLOW')) this.#unsure.add(entry.id);
        if (!hasCode(error, 'PLUGIN_REFUSED', 'PLUGIN_LACKS_METHOD')) break;
        await this.#refused(entry, error);
      }
    }
    // one that does something is not tried less and less often
    if (isProgress) this.#options.retries.drop(keyOf(plugin));
    this.#report(plugin, failure);
  }

  #report(plugin: string, failure: unknown): void {
    const { retries } = this.#options;
    const key = keyOf(plugin);
    if (failure === undefined || this.#dueOf(plugin).length === 0) retries.succeeded(key);
    else retries.failed({ key, name: `plugin ${plugin}` }, failure, () => this.#tried(plugin));
  }

  /** Of what it may never have done it need not know anything. */
  async #refused(entry: OutboxEntry, error: unknown): Promise<void> {
    const count = (this.#refusals.get(entry.id) ?? 0) + 1;
    this.#refusals.set(entry.id, count);
    const isUnsure = entry.state === 'asked' || this.#unsure.has(entry.id);
    if (count < (isUnsure ? mostOfUnsure : mostRefusals) && !hasCode(error, 'PLUGIN_LACKS_METHOD')) return;
    if (!isUnsure)
      this.#options.logger.warn('a plugin refuses to take something back: it is not asked any more', {
        plugin: entry.plugin,
        method: entry.method,
        about: entry.about,
        error: messageOf(error),
      });
    await this.#done(entry);
  }

  async #done({ id }: OutboxEntry): Promise<void> {
    this.#due.delete(id);
    this.#refusals.delete(id);
    this.#unsure.delete(id);
    await this.#options.records.keep((view) =>
      view.get('outbox', id) ? [{ table: 'outbox', remove: id }] : [],
    );
  }

  #dueOf(plugin: string): readonly OutboxEntry[] {
    return Array.from(this.#due)
      .flatMap((id) => this.#options.view.get('outbox', id) ?? [])
      .filter((entry) => entry.plugin === plugin)
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }
}

const keyOf = (plugin: string): string => `plugin:${plugin}`;
