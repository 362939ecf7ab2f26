/** Plugins by name: those found in folders, and those that the engine runs and registers. */
import { mkdirSync } from 'node:fs';
import { fail, hasCode, messageOf } from '../errors.ts';
import type { Logger } from '../observe/logger.ts';
import { unixAddress } from './address.ts';
import { locate, namesIn, type PluginEndpoint, socketAt } from './discovery.ts';
import { type Implementation, Plugin, type PluginClient } from './plugin.ts';
import { FolderWatch } from './watch.ts';

/** A plugin that the engine runs. */
export interface Registration {
  /** Path of its socket. */
  readonly socket: string;
  /** From its configuration. */
  readonly implementations: readonly Implementation[];
  /** The path on the host for a path that the plugin has given. */
  readonly hostPath: (path: string) => string;
}

export interface PluginSurvey {
  readonly found: readonly PluginClient[];
  readonly failed: readonly { readonly name: string; readonly error: unknown }[];
}

/** A plugin that the engine manages, enabled or not. */
export interface Managed {
  /** In full: `me/vol:latest`. */
  readonly name: string;
  readonly enabled: boolean;
}

export interface Plugins {
  /**
   * Looks the plugin up at each use, so the engine calls no plugin at its start. Throws PLUGIN_NOT_FOUND at once if there is
   * no file of that name, PLUGIN_DISABLED, PLUGIN_LACKS_DRIVER, and the errors of the handshake.
   */
  find(name: string, wanted: Implementation): Promise<PluginClient>;
  /** All plugins that implement `wanted`, and those that do not answer. */
  all(wanted: Implementation): Promise<PluginSurvey>;
  /** After PLUGIN_SLOW, surveys skip the plugin for half a minute. */
  leaveOut(name: string, error: unknown): void;
  /** Names of the plugins that were used and implement `wanted`, sorted. Calls no plugin. */
  used(wanted: Implementation): readonly string[];
  /** The name with its tag for an enabled managed plugin, else the name. */
  fullName(name: string): string;
  /** Whether there is a plugin of that name. Calls no plugin. */
  isThere(name: string): Promise<boolean>;
  /** Takes precedence over the folders, and replaces an earlier registration of the same name. */
  register(name: string, registration: Registration): void;
  unregister(name: string): void;
  /** Sets the lookup of managed plugins, which `find` uses first. */
  manage(resolve: (name: string) => Managed | undefined): void;
  /** Calls `listener` with the name of each plugin that is registered or whose file appears or changes. */
  onAppear(listener: (name: string) => void): () => void;
  close(): void;
}

export interface PluginsOptions {
  /** Searched in this order; the first one is created. */
  readonly folders: readonly string[];
  /** Milliseconds for one request. */
  readonly timeout: number;
  readonly logger: Logger;
}

export function openPlugins(options: PluginsOptions): Plugins {
  const [first] = options.folders;
  if (first !== undefined) makeFolder(first, options.logger);
  return new FoundPlugins(options);
}

/** Plugins put their sockets into this folder, which is root's alone, as with dockerd. A failure only disables plugins. */
function makeFolder(path: string, logger: Logger): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    logger.warn('making the folder of plugins', { path, why: messageOf(error) });
  }
}

/** Milliseconds for which surveys skip a plugin that has not answered in time. */
const leftOut = 30_000;

/** Codes of errors after which it is certain that the plugin has done nothing. */
export const nothingDone = [
  'PLUGIN_REFUSED',
  'PLUGIN_AWAY',
  'PLUGIN_LACKS_METHOD',
  'PLUGIN_NOT_FOUND',
] as const;

/** Plugins that a survey asks at the same time: each takes a file descriptor. */
const surveyedAtOnce = 32;

class FoundPlugins implements Plugins {
  readonly #options: PluginsOptions;
  readonly #plugins = new Map<string, Plugin>();
  /** Plugins whose first answer is awaited. Whoever looks for one meanwhile shares its handshake. */
  readonly #awaited = new Map<string, Plugin>();
  readonly #registered = new Map<string, Registration>();
  readonly #listeners = new Set<(name: string) => void>();
  /** Plugins that have not answered in time. `at`: `performance.now()` of that. */
  readonly #silent = new Map<string, { readonly at: number; readonly error: unknown }>();
  /** Why plugins did not answer the last survey, by name. */
  readonly #reported = new Map<string, string>();
  #watch: FolderWatch | undefined;
  #resolve: (name: string) => Managed | undefined = () => undefined;

  constructor(options: PluginsOptions) {
    this.#options = options;
  }

  async find(asked: string, wanted: Implementation): Promise<PluginClient> {
    const managed = this.#resolve(asked);
    if (managed?.enabled === false) throw fail('PLUGIN_DISABLED', asked);
    const name = managed?.name ?? asked;
    return this.#asking(name, async (plugin) => {
      const implementations = await plugin.activate({ patient: true });
      if (!implementations.includes(wanted)) throw fail('PLUGIN_LACKS_DRIVER', name, wanted);
      return plugin;
    });
  }

  /** The plugin is kept only after it has answered: names come from requests. */
  async #asking<P extends Plugin | undefined>(
    name: string,
    task: (plugin: Plugin) => Promise<P>,
  ): Promise<P> {
    const plugin = this.#plugin(name);
    this.#awaited.set(name, plugin);
    try {
      const found = await task(plugin);
      // not one that was removed meanwhile
      if (found && this.#awaited.get(name) === plugin) this.#plugins.set(name, plugin);
      return found;
    } finally {
      if (this.#awaited.get(name) === plugin) this.#awaited.delete(name);
    }
  }

  async all(wanted: Implementation): Promise<PluginSurvey> {
    const registered = Array.from(this.#registered)
      .filter(([, { implementations }]) => implementations.includes(wanted))
      .map(([name]) => name);
    const names = new Set([...registered, ...(await namesIn(this.#options.folders))]);
    const found: PluginClient[] = [];
    const failed: { readonly name: string; readonly error: unknown }[] = [];
    const look = async (name: string): Promise<void> => {
      try {
        const plugin = await this.#surveyed(name, wanted);
        if (plugin) found.push(plugin);
      } catch (error) {
        failed.push({ name, error });
      }
    };
    const queue = names.values();
    const worker = async (): Promise<void> => {
      for (const name of queue) await look(name);
    };
    await Promise.all(Array.from({ length: surveyedAtOnce }, worker));
    return { found: found.sort((a, b) => (a.name < b.name ? -1 : 1)), failed };
  }

  async #surveyed(name: string, wanted: Implementation): Promise<PluginClient | undefined> {
    const silent = this.#silent.get(name);
    if (silent && performance.now() - silent.at < leftOut) throw silent.error;
    return this.#asking(name, async (plugin) => {
      try {
        if (!(await plugin.activate({ patient: false })).includes(wanted)) return undefined;
      } catch (error) {
        // a folder without a plugin in it
        if (hasCode(error, 'PLUGIN_NOT_FOUND')) return undefined;
        this.leaveOut(name, error);
        this.#report(name, messageOf(error));
        throw error;
      }
      this.#reported.delete(name);
      return plugin;
    });
  }

  /** Logs a warning once per reason: surveys are frequent. */
  #report(name: string, why: string): void {
    const level = this.#reported.get(name) === why ? 'debug' : 'warn';
    this.#reported.set(name, why);
    this.#options.logger[level]('a plugin does not answer', { plugin: name, why });
  }

  leaveOut(name: string, error: unknown): void {
    if (hasCode(error, 'PLUGIN_SLOW')) this.#silent.set(name, { at: performance.now(), error });
  }

  used(wanted: Implementation): readonly string[] {
    return Array.from(this.#plugins.values())
      .filter(({ implementations }) => implementations.includes(wanted))
      .map(({ name }) => name)
      .sort();
  }

  fullName(name: string): string {
    const managed = this.#resolve(name);
    return managed?.enabled ? managed.name : name;
  }

  async isThere(name: string): Promise<boolean> {
    const endpoint = await this.#locate(name).catch(() => undefined);
    return endpoint !== undefined;
  }

  register(name: string, registration: Registration): void {
    // a known one stays: its socket tells whether it was restarted
    this.#registered.set(name, registration);
    this.#notify(name);
  }

  unregister(name: string): void {
    this.#registered.delete(name);
    this.#plugins.delete(name);
    this.#awaited.delete(name);
  }

  manage(resolve: (name: string) => Managed | undefined): void {
    this.#resolve = resolve;
  }

  onAppear(listener: (name: string) => void): () => void {
    this.#listeners.add(listener);
    this.#watch ??= new FolderWatch(this.#options.folders, (name) => this.#changed(name));
    return () => void this.#listeners.delete(listener);
  }

  close(): void {
    this.#watch?.close();
    this.#listeners.clear();
  }

  /** A known plugin, or a new one, which the caller keeps once it has answered. */
  #plugin(name: string): Plugin {
    const { timeout } = this.#options;
    const hostPath = (path: string): string => this.#registered.get(name)?.hostPath(path) ?? path;
    return (
      this.#plugins.get(name) ??
      this.#awaited.get(name) ??
      new Plugin({ name, timeout, hostPath, locate: () => this.#locate(name) })
    );
  }

  async #locate(name: string): Promise<PluginEndpoint> {
    const registered = this.#registered.get(name);
    if (registered) {
      const { socket, implementations } = registered;
      // while it restarts it is PLUGIN_AWAY, not PLUGIN_NOT_FOUND
      const endpoint = (await socketAt(socket)) ?? { address: unixAddress(socket), identity: '' };
      return { ...endpoint, implementations };
    }
    const endpoint = await locate(this.#options.folders, name);
    if (!endpoint) throw fail('PLUGIN_NOT_FOUND', name);
    return endpoint;
  }

  /** A file was created, changed or removed; '' for a folder that was created. */
  #changed(name: string): void {
    void this.#appeared(name).catch((error) =>
      this.#options.logger.warn('looking for a plugin', { plugin: name, why: messageOf(error) }),
    );
  }

  async #appeared(name: string): Promise<void> {
    const names = name === '' ? await namesIn(this.#options.folders) : [name];
    for (const one of names) if (await this.isThere(one)) this.#notify(one);
  }

  #notify(name: string): void {
    for (const listener of this.#listeners) listener(name);
  }
}
