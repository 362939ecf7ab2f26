/** Plugins by name: those that are found in folders, and those that the engine itself runs and has registered. */
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
  /** As its configuration says. */
  readonly implementations: readonly Implementation[];
  /** Where on the host a path is that the plugin has named. */
  readonly hostPath: (path: string) => string;
}

export interface PluginSurvey {
  readonly found: readonly PluginClient[];
  readonly failed: readonly { readonly name: string; readonly error: unknown }[];
}

/** A plugin that the engine has, whether it runs or not. */
export interface Managed {
  /** In full: `me/vol:latest`. */
  readonly name: string;
  readonly enabled: boolean;
}

export interface Plugins {
  /**
   * Found at each use, so that nothing is asked at the start of the engine. Throws PLUGIN_NOT_FOUND at once where no
   * file of that name is there, PLUGIN_DISABLED, PLUGIN_LACKS_DRIVER, and what its handshake throws.
   */
  find(name: string, wanted: Implementation): Promise<PluginClient>;
  /** Every plugin that is there and implements it, and those that do not answer. */
  all(wanted: Implementation): Promise<PluginSurvey>;
  /** It has kept a survey waiting in vain: for half a minute surveys do without it. */
  leaveOut(name: string, error: unknown): void;
  /** Names of those that have been used and said that they implement it, sorted. Nobody is asked. */
  used(wanted: Implementation): readonly string[];
  /** With its tag, of a plugin that the engine runs. */
  fullName(name: string): string;
  /** Whether a plugin of that name is there. Nobody is asked. */
  isThere(name: string): Promise<boolean>;
  /** Comes before the folders. Called again for the same name it takes the place of the one before. */
  register(name: string, registration: Registration): void;
  unregister(name: string): void;
  /** Who knows the plugins that the engine has: asked before anything else is looked for. */
  manage(resolve: (name: string) => Managed | undefined): void;
  /** `listener` is told the name of each plugin whose file appears or changes, and that is registered. */
  onAppear(listener: (name: string) => void): () => void;
  close(): void;
}

export interface PluginsOptions {
  /** Looked through in this order; the first is made. */
  readonly folders: readonly string[];
  /** Milliseconds that a call may take. */
  readonly timeout: number;
  readonly logger: Logger;
}

export function openPlugins(options: PluginsOptions): Plugins {
  const [first] = options.folders;
  if (first !== undefined) makeFolder(first, options.logger);
  return new FoundPlugins(options);
}

/** Plugins put their sockets there; only root may, as with dockerd. Without it there are just no plugins. */
function makeFolder(path: string, logger: Logger): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    logger.warn('making the folder of plugins', { path, why: messageOf(error) });
  }
}

/** So long one that has not answered in time is not asked with all others, in milliseconds. */
const leftOut = 30_000;

/** Plugins that a survey asks at one time: each takes a file descriptor. */
const surveyedAtOnce = 32;

class FoundPlugins implements Plugins {
  readonly #options: PluginsOptions;
  readonly #plugins = new Map<string, Plugin>();
  readonly #registered = new Map<string, Registration>();
  readonly #listeners = new Set<(name: string) => void>();
  /** What has not answered a survey in time, and when: milliseconds of this process. */
  readonly #silent = new Map<string, { readonly at: number; readonly error: unknown }>();
  /** Why plugins did not answer the last survey. */
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
    const plugin = this.#plugin(name);
    const implementations = await plugin.activate({ patient: true });
    if (!implementations.includes(wanted)) throw fail('PLUGIN_LACKS_DRIVER', name, wanted);
    // only those that were there once are kept
    this.#plugins.set(name, plugin);
    return plugin;
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
    const plugin = this.#plugin(name);
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
    this.#plugins.set(name, plugin);
    return plugin;
  }

  /** Once for each reason: surveys are frequent. */
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
    this.#registered.set(name, registration);
    this.#plugins.delete(name);
    this.#notify(name);
  }

  unregister(name: string): void {
    this.#registered.delete(name);
    this.#plugins.delete(name);
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

  /** One that is known already, or a new one, which is kept once it has answered. */
  #plugin(name: string): Plugin {
    const { timeout } = this.#options;
    const hostPath = this.#registered.get(name)?.hostPath;
    return (
      this.#plugins.get(name) ?? new Plugin({ name, timeout, hostPath, locate: () => this.#locate(name) })
    );
  }

  async #locate(name: string): Promise<PluginEndpoint> {
    const registered = this.#registered.get(name);
    if (registered) {
      const { socket, implementations } = registered;
      // one that is being started again is away, and not unknown
      const endpoint = (await socketAt(socket)) ?? { address: unixAddress(socket), identity: '' };
      return { ...endpoint, implementations };
    }
    const endpoint = await locate(this.#options.folders, name);
    if (!endpoint) throw fail('PLUGIN_NOT_FOUND', name);
    return endpoint;
  }

  /** A file has come, changed or gone; '' for a whole folder that has come. */
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
