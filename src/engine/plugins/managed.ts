/** Managed plugins that are enabled: started, found by those that use them, started again when they end. */

import { realpathSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fail, hasCode } from '../../errors.ts';
import { capabilitiesOf, implementsOf, type ManagedPlugin } from '../../model/plugin.ts';
import type { Subject } from '../../reconcile/retries.ts';
import { KeyedQueue } from '../queue.ts';
import { findPlugin } from './lookup.ts';
import type { PluginNeeds } from './needs.ts';
import { type Crash, PluginProcesses } from './processes.ts';
import { PluginRecords } from './records.ts';

/** Milliseconds within which a plugin must answer on its socket (Docker: about 12 s). */
export const startLimit = 10_000;
/** Milliseconds before one that has ended is started again: doubled each time, from the start after a long run. */
const firstDelay = 100;
const longestDelay = 60_000;
const longEnough = 10_000;

export class ManagedPlugins {
  readonly records: PluginRecords;
  readonly processes: PluginProcesses;
  /** One transition of a plugin at a time. */
  readonly queue = new KeyedQueue();
  readonly #needs: PluginNeeds;
  readonly #delays = new Map<string, number>();
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(needs: PluginNeeds) {
    this.#needs = needs;
    const { config, kernel, logger } = needs;
    // the kernel lists mounts by their real paths
    this.records = new PluginRecords(join(realpathSync(config.dataRoot), 'plugins'), { kernel, logger });
    this.processes = new PluginProcesses(needs, {
      records: this.records,
      crashed: (crash) => this.#crashed(crash),
    });
    needs.plugins.manage((name) => this.findMaybe(name));
  }

  /** Whether a process with this id, or a folder of its output, is a plugin's. */
  owns(id: string): boolean {
    return this.records.get(id) !== undefined;
  }

  /** Names of roots that are in use. */
  roots(): readonly string[] {
    return Array.from(this.records.all(), ({ root }) => root);
  }

  /** Names of those that are enabled and have a capability (`volumedriver`). */
  named(capability: string): readonly string[] {
    return [...this.records.all()]
      .filter((plugin) => plugin.enabled && capabilitiesOf(plugin).includes(capability))
      .map(({ name }) => name)
      .sort();
  }

  /** By volumes and networks, whatever names of it they have. */
  isUsed({ id }: ManagedPlugin): boolean {
    const { model } = this.#needs;
    const ofNetworks = Array.from(model.all('networks'), ({ driver, ipam }) => [driver, ipam.driver]);
    const drivers = new Set([
      ...Array.from(model.all('volumes'), ({ driver }) => driver),
      ...ofNetworks.flat(),
    ]);
    return [...drivers].some((driver) => this.findMaybe(driver)?.id === id);
  }

  /** Throws PLUGIN_NOT_FOUND where it was removed meanwhile. */
  now({ id }: Pick<ManagedPlugin, 'id'>): ManagedPlugin {
    const plugin = this.records.get(id);
    if (!plugin) throw fail('PLUGIN_NOT_FOUND', id);
    return plugin;
  }

  /** In its turn. Throws what `processes.start` throws. */
  async enable(plugin: ManagedPlugin, options: { readonly limit: number }): Promise<void> {
    refuseUseless(plugin);
    await this.processes.start(plugin, options);
    try {
      await this.records.put({ ...plugin, enabled: true });
    } catch (thrown) {
      await this.processes.stop(plugin);
      throw thrown;
    }
    this.#serve(plugin);
  }

  /** In its turn. */
  async disable(plugin: ManagedPlugin): Promise<void> {
    await this.records.put({ ...plugin, enabled: false });
    this.#needs.plugins.unregister(plugin.name);
    this.#forgetPlan(plugin.id);
    await this.processes.stop(plugin);
  }

  /** Found by its name from now on; who waits for it is told. */
  #serve(plugin: ManagedPlugin): void {
    this.#needs.plugins.register(plugin.name, {
      socket: this.processes.socket(plugin),
      implementations: implementsOf(plugin),
      hostPath: (path) => this.#hostPath(plugin, path),
    });
  }

  /** What the plugin mounts is seen by the host below the folder that it propagates, and nowhere else. */
  #hostPath({ id, root, config }: ManagedPlugin, path: string): string {
    const inside = relative(join('/', config.PropagatedMount), join('/', path));
    const isPropagated = config.PropagatedMount !== '' && !/^\.\.(\/|$)/.test(inside);
    return isPropagated
      ? join(this.records.propagated(id), inside)
      : join(this.#needs.images.rootFolders(root, undefined).merged, path);
  }

  /** Those that run since before this start are known again; of the others nothing is left. */
  async adopt(running: ReadonlyMap<string, number>): Promise<void> {
    for (const plugin of [...this.records.all()])
      await this.#needs.retries.attempt(subjectOf(plugin), async () => {
        if (plugin.enabled) this.#serve(plugin);
        if (plugin.enabled && running.has(plugin.id)) this.processes.adopt(plugin);
        else await this.processes.clear(plugin);
      });
  }

  /** Enabled ones that do not run. Resolves when each has been tried; one that fails is tried again. */
  async startEnabled(): Promise<void> {
    const wanted = [...this.records.all()].filter(
      ({ id, enabled }) => enabled && !this.processes.isRunning(id),
    );
    await Promise.all(wanted.map((plugin) => this.#startUntilItRuns(plugin)));
  }

  /** Resolves when the plugins of these names have been started, or could not be. Never rejects. */
  async ready(names: readonly string[]): Promise<void> {
    const wanted = [...this.records.all()].filter(({ name }) => names.includes(name));
    await Promise.all(wanted.map(({ id }) => this.queue.run(id, async () => undefined)));
  }

  /** Nothing is started any more. */
  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #startUntilItRuns(plugin: ManagedPlugin): Promise<boolean> {
    return this.#needs.retries.attempt(subjectOf(plugin), () =>
      this.queue.run(plugin.id, async () => {
        const now = this.records.get(plugin.id);
        if (!now?.enabled || this.processes.isRunning(now.id)) return;
        await this.processes.start(now, { limit: startLimit });
        this.#serve(now);
      }),
    );
  }

  #crashed({ id, exitCode, milliseconds }: Crash): void {
    const plugin = this.records.get(id);
    if (!plugin?.enabled) return;
    const before = milliseconds > longEnough ? 0 : (this.#delays.get(id) ?? 0);
    const delay = before === 0 ? firstDelay : Math.min(before * 2, longestDelay);
    this.#needs.logger.warn('a plugin has ended: it is started again', {
      plugin: plugin.name,
      exitCode,
      delay,
    });
    this.#delays.set(id, delay);
    const again = (): void => {
      this.#timers.delete(id);
      void this.#startUntilItRuns(plugin);
    };
    this.#timers.set(id, setTimeout(again, delay));
  }

  #forgetPlan(id: string): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.#delays.delete(id);
    this.#needs.retries.drop(keyOf(id));
  }

  /** Throws PLUGIN_NOT_FOUND, PLUGIN_AMBIGUOUS. */
  find(ref: string): ManagedPlugin {
    return findPlugin(this.records.all(), ref);
  }

  /** Undefined where no plugin has this name. */
  findMaybe(ref: string): ManagedPlugin | undefined {
    try {
      return this.find(ref);
    } catch (thrown) {
      if (hasCode(thrown, 'PLUGIN_NOT_FOUND')) return undefined;
      throw thrown;
    }
  }
}

const keyOf = (id: string): string => `plugin:${id}`;
const subjectOf = ({ id, name }: ManagedPlugin): Subject => ({ key: keyOf(id), name: `plugin ${name}` });

/** One that nothing here would ever call is not enabled: it would be taken to be at work. */
function refuseUseless(plugin: ManagedPlugin): void {
  const types = plugin.config.Interface.Types ?? [];
  if (types.length > 0 && implementsOf(plugin).length === 0)
    throw fail('NOT_SUPPORTED', `a plugin of the type ${types.join(', ')}`);
}
