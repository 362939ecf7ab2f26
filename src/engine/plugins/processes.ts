/** Managed plugins as processes: started with what their image asks for, watched, ended. */

import { realpathSync } from 'node:fs';
import { chown, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, hasCode } from '../../errors.ts';
import { ensureFolder, modes } from '../../kernel/files/ensure-folder.ts';
import { removeTree } from '../../kernel/files/remove-tree.ts';
import type { ManagedPlugin } from '../../model/plugin.ts';
import type { ExitEvent } from '../../runtime/runtime.ts';
import { inTime } from '../limit.ts';
import type { PluginNeeds } from './needs.ts';
import { followOutput } from './output.ts';
import type { PluginRecords } from './records.ts';
import { folderOf, socketOf, untilAnswered } from './socket.ts';
import { startSpecOf } from './start-spec.ts';

const SIGTERM = 15;
const SIGKILL = 9;
/** Milliseconds until SIGKILL (Docker's), and until the end is no longer waited for. */
const patience = 10_000;
const lastPatience = 5_000;

/** A process, from its start to its end. */
interface Live {
  readonly ended: PromiseWithResolvers<ExitEvent>;
  /** Its end was requested, or is reported otherwise. */
  isExpected: boolean;
  readonly since: number;
}

export type Crash = { readonly id: string; readonly exitCode: number; readonly milliseconds: number };

interface Options {
  readonly records: PluginRecords;
  /** It has ended, and nobody wanted it to. */
  readonly crashed: (crash: Crash) => void;
}

export class PluginProcesses {
  readonly #needs: PluginNeeds;
  readonly #records: PluginRecords;
  readonly #crashed: Options['crashed'];
  readonly #sockets: string;
  readonly #live = new Map<string, Live>();

  constructor(needs: PluginNeeds, { records, crashed }: Options) {
    this.#needs = needs;
    this.#records = records;
    this.#crashed = crashed;
    const folder = join(needs.config.execRoot, 'plugins');
    ensureFolder(folder, modes.closed);
    this.#sockets = realpathSync(folder);
    needs.runtime.onExit((event) => this.#exited(event));
  }

  isRunning(id: string): boolean {
    return this.#live.has(id);
  }

  /** Throws PLUGIN_START_FAILED for a socket that is not a file's name. */
  socket(plugin: ManagedPlugin): string {
    return socketOf(this.#sockets, plugin);
  }

  /**
   * Resolves when it answers on its socket. Throws PLUGIN_START_FAILED, or what the runtime says; nothing of it runs or
   * is mounted then.
   */
  async start(plugin: ManagedPlugin, options: { readonly limit: number }): Promise<void> {
    const socket = this.socket(plugin);
    await this.#takeDown(plugin);
    try {
      await this.#launch(plugin);
      const live = this.#watch(plugin, { isExpected: true });
      const ended = live.ended.promise.then(({ exitCode }) => `it has ended with exit code ${exitCode}`);
      await this.#needs.runtime.start(plugin.id);
      await untilAnswered(socket, { limit: options.limit, ended });
      live.isExpected = false;
      if (!this.isRunning(plugin.id)) throw fail('PLUGIN_START_FAILED', `${plugin.name}: ${await ended}`);
    } catch (thrown) {
      await this.clear(plugin);
      throw thrown;
    }
  }

  async #launch(plugin: ManagedPlugin): Promise<void> {
    const { runtime, images, kernel } = this.#needs;
    const sockets = folderOf(this.#sockets, plugin.id);
    await mkdir(sockets, { mode: 0o700 });
    const { UID = 0, GID = 0 } = plugin.config.User;
    await chown(sockets, UID, GID);
    const propagated = this.#records.propagated(plugin.id);
    if (plugin.config.PropagatedMount !== '') kernel.mountShared(propagated);
    const rootfs = await images.mountRoot(plugin.root, { id: plugin.root, layers: plugin.layers });
    await runtime.create(startSpecOf(plugin, { rootfs, sockets, propagated }));
  }

  /** One that runs since before the engine was started. */
  adopt(plugin: ManagedPlugin): void {
    this.#watch(plugin, { isExpected: false });
    // it may have ended since it was found running
    const end = this.#needs.runtime.exitOf(plugin.id);
    if (end) this.#exited(end);
  }

  #watch(plugin: ManagedPlugin, { isExpected }: { readonly isExpected: boolean }): Live {
    const live = { ended: Promise.withResolvers<ExitEvent>(), isExpected, since: performance.now() };
    this.#live.set(plugin.id, live);
    followOutput(this.#needs, startSpecOf(plugin, nowhere).container);
    return live;
  }

  #exited(event: ExitEvent): void {
    const live = this.#live.get(event.id);
    if (!live) return;
    this.#live.delete(event.id);
    live.ended.resolve(event);
    const milliseconds = performance.now() - live.since;
    if (!live.isExpected) this.#crashed({ id: event.id, exitCode: event.exitCode, milliseconds });
  }

  /** SIGTERM, after ten seconds SIGKILL; then nothing of it is left. */
  async stop(plugin: ManagedPlugin): Promise<void> {
    const live = this.#live.get(plugin.id);
    if (live) {
      live.isExpected = true;
      await this.#signal(plugin.id, SIGTERM);
      if (!(await inTime(live.ended.promise, patience))) {
        await this.#signal(plugin.id, SIGKILL);
        await inTime(live.ended.promise, lastPatience);
      }
    }
    await this.clear(plugin);
  }

  async #signal(id: string, signal: number): Promise<void> {
    await this.#needs.runtime.kill(id, signal).catch((error: unknown) => {
      if (!hasCode(error, 'CONTAINER_NOT_RUNNING')) throw error;
    });
  }

  /** Nothing of it runs or is mounted. */
  async clear(plugin: Pick<ManagedPlugin, 'id' | 'root'>): Promise<void> {
    await this.#takeDown(plugin);
    this.#records.unmountPropagated(plugin.id);
  }

  /** What it shows the host stays, for one that is started again. */
  async #takeDown({ id, root }: Pick<ManagedPlugin, 'id' | 'root'>): Promise<void> {
    const { runtime, images } = this.#needs;
    this.#live.delete(id);
    await runtime.remove(id);
    await images.unmountRoot(root);
    await removeTree(folderOf(this.#sockets, id));
  }

  /** Its output, once it is removed. */
  async forget(id: string): Promise<void> {
    await this.#needs.runtime.removeLogs(id);
    await removeTree(join(this.#needs.folders.containers, id));
  }
}

const nowhere = { rootfs: '', sockets: '', propagated: '' };
