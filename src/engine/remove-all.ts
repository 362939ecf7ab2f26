/**
 * The end of an installation: removes everything that the engine has made on this machine. Needs neither a running
 * engine nor a readable store. Failures are reported and do not stop the rest.
 */
import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DaemonConfig } from '../config/config.ts';
import { fail, messageOf } from '../errors.ts';
import { removeTree } from '../kernel/files/remove-tree.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { lockFolder } from '../kernel/lock-folder.ts';
import { openKernel } from '../kernel/open.ts';
import { endEtcd } from '../manager/end-etcd.ts';
import type { DriverTable } from '../model/driver.ts';
import { Model } from '../model/memory.ts';
import type { Sandbox } from '../model/sandbox.ts';
import type { Logger } from '../observe/logger.ts';
import { readFacts } from '../reconcile/facts.ts';
import { createReconciler } from '../reconcile/reconciler.ts';
import { endRunning, killResolver } from '../resolver/launch.ts';
import { openRuntime } from '../runtime/open.ts';
import { answers } from './answers.ts';
import { askForAll } from './last-calls.ts';
import { type LastRecords, readElsewhere } from './last-records.ts';

export interface RemovalOptions {
  readonly config: DaemonConfig;
  /** The data root stays. */
  readonly keepData: boolean;
  readonly logger: Logger;
  /** Command that prints what `lastRecords` finds in a store, whose path is its last argument. */
  readonly recordsReader: readonly string[];
}

export interface Removal {
  /** A line for each kind of object that was removed. */
  readonly removed: readonly string[];
  /** A sentence for each object that could not be removed. */
  readonly failures: readonly string[];
  /** Sentences about what may be left. */
  readonly warnings: readonly string[];
}

/** Idempotent. Throws DATA_ROOT_TAKEN if an engine, in any namespace, serves the data root. */
export async function removeAll(options: RemovalOptions): Promise<Removal> {
  const { dataRoot } = options.config;
  const unlock = existsSync(dataRoot) ? lockFolder(dataRoot) : () => undefined;
  if (!unlock) throw fail('DATA_ROOT_TAKEN', dataRoot);
  const removing = new Removing(options);
  await removing.all();
  unlock();
  return removing;
}

class Removing implements Removal {
  readonly removed: string[] = [];
  readonly failures: string[] = [];
  readonly warnings: string[] = [];
  readonly #options: RemovalOptions;
  readonly #kernel: Kernel;

  constructor(options: RemovalOptions) {
    this.#options = options;
    this.#kernel = openKernel();
  }

  async all(): Promise<void> {
    const { dataRoot, execRoot, pidfile } = this.#options.config;
    try {
      const plugins = listed(join(dataRoot, 'plugins'));
      await this.#step('the containers', () => this.#containers((id) => !plugins.includes(id)));
      await this.#step('the resolver', () => this.#resolver());
      await this.#step('the store of the swarm', () => endEtcd(join(execRoot, 'swarm')));
      await this.#step('the networks', () => this.#networks());
      await this.#step('what is on record', () => this.#recorded());
      await this.#step('the plugins', () => this.#containers((id) => plugins.includes(id), 'plugin'));
      await this.#step('the mounts', () => this.#mounts());
      for (const host of this.#options.config.hosts) await this.#step(host, () => this.#socket(host));
      rmSync(pidfile, { force: true });
      // what is still mounted, or runs, is found again by what is there
      if (this.failures.length > 0) return;
      await this.#step(execRoot, () => this.#folder(execRoot));
      if (!this.#options.keepData) await this.#step(dataRoot, () => this.#folder(dataRoot));
    } finally {
      this.#kernel.close();
    }
  }

  async #step(what: string, task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (error) {
      this.failures.push(`${what}: ${messageOf(error)}`);
    }
  }

  /** Removes containers by the runtime's files, not by records. */
  async #containers(isWanted: (id: string) => boolean, what = 'container'): Promise<void> {
    const { config, logger } = this.#options;
    const there = ['bundles', 'runc'].flatMap((name) => listed(join(config.execRoot, name)));
    const ids = [...new Set(there)].filter(isWanted);
    if (ids.length === 0) return;
    const { execRoot: root, dataRoot, cgroupParent } = config;
    const runtime = await openRuntime({ root, dataRoot, cgroupParent, logger });
    try {
      await this.#step('what runs', async () => void (await runtime.adopt()));
      for (const id of ids) await this.#step(`${what} ${id.slice(0, 12)}`, () => runtime.remove(id));
    } finally {
      await runtime.close();
    }
    this.#note(ids.length, what);
  }

  async #resolver(): Promise<void> {
    const { execRoot } = this.#options.config;
    await endRunning(execRoot).catch((error) => {
      if (!killResolver(execRoot)) throw error;
    });
  }

  async #networks(external: readonly Sandbox[] = []): Promise<void> {
    const { config, logger } = this.#options;
    const kernel = this.#kernel;
    const reconciler = createReconciler({
      kernel,
      view: new Model(noDrivers),
      facts: () => readFacts(kernel),
      namespacesFolder: join(config.execRoot, 'netns'),
      ownedRulesFile: join(config.execRoot, 'owned-rules.json'),
      logger,
      config,
    });
    const { removed, failures } = await reconciler.removeAll(external);
    await reconciler.close();
    this.removed.push(...removed);
    this.failures.push(...failures.map(messageOf));
  }

  /** Removes what only the store knows: interfaces in external namespaces, and what plugins gave. */
  async #recorded(): Promise<void> {
    const { config, keepData, recordsReader } = this.#options;
    const path = join(config.dataRoot, 'state');
    if (!existsSync(join(path, 'data.mdb'))) return;
    const found = await readElsewhere(recordsReader, path);
    if (!found)
      this.warnings.push(
        `the store in ${path} cannot be read: what the engine has put into network namespaces of others is not looked for, and plugins are not asked to take back what they gave`,
      );
    if (found && found.external.length > 0) await this.#networks(found.external);
    // an engine that is started on this data still has its networks, and asks the plugins itself
    if (found && !keepData) await this.#askPlugins(found.owed);
  }

  async #askPlugins(owed: LastRecords['owed']): Promise<void> {
    if (owed.length === 0) return;
    const { done, warnings } = await askForAll({ ...this.#options, kernel: this.#kernel }, owed);
    this.removed.push(...done.map((name) => `what plugin ${name} gave`));
    this.warnings.push(...warnings);
  }

  async #mounts(): Promise<void> {
    const { dataRoot, execRoot } = this.#options.config;
    // a mount on a root itself is the user's
    const below = [dataRoot, execRoot].flatMap((root) =>
      this.#kernel.listMounts(root).filter((target) => target !== root),
    );
    for (const target of below) this.#kernel.unmount(target);
    this.#note(below.length, 'mount');
  }

  /** Removes a socket unless something listens on it. */
  async #socket(host: string): Promise<void> {
    const path = host.startsWith('unix://') ? host.slice('unix://'.length) : '';
    if (path === '' || !existsSync(path)) return;
    if (await answers(path)) throw fail('CONFIG_INVALID', `an engine answers on ${path}`);
    rmSync(path, { force: true });
    this.removed.push(path);
  }

  /** Removes a folder; one that is a mount point is only emptied. */
  async #folder(path: string): Promise<void> {
    if (!existsSync(path)) return;
    const before = this.failures.length;
    for (const name of readdirSync(path)) await this.#step(name, () => removeTree(join(path, name)));
    if (this.failures.length > before) return;
    if (!this.#kernel.listMounts(path).includes(path)) rmdirSync(path);
    this.removed.push(path);
  }

  #note(number: number, what: string): void {
    if (number > 0) this.removed.push(`${number} ${what}${number > 1 ? 's' : ''}`);
  }
}

/** For a model without networks. */
const noDrivers: DriverTable = {
  names: [],
  find(name) {
    throw fail('DRIVER_NOT_FOUND', name);
  },
};

const listed = (folder: string): readonly string[] => (existsSync(folder) ? readdirSync(folder) : []);
