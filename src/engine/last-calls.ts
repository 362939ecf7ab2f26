/** At the end of an installation, plugins are asked once to take back all that they gave. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DaemonConfig } from '../config/config.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { OutboxEntry } from '../model/outbox.ts';
import { implementsOf } from '../model/plugin.ts';
import type { Logger } from '../observe/logger.ts';
import { askAgain } from '../plugins/outbox-call.ts';
import { openPlugins, type Plugins } from '../plugins/plugins.ts';
import { Retries } from '../reconcile/retries.ts';
import { Outbox } from './outbox.ts';
import { PluginRecords } from './plugins/records.ts';
import { socketOf } from './plugins/socket.ts';

interface Asking {
  readonly config: DaemonConfig;
  readonly kernel: Kernel;
  readonly logger: Logger;
}

export interface LastAnswers {
  /** Plugins that have taken back everything. */
  readonly done: readonly string[];
  /** A sentence for each of the others. */
  readonly warnings: readonly string[];
}

/** Takes at most the time that plugins have for an answer. */
export async function askForAll(asking: Asking, owed: readonly OutboxEntry[]): Promise<LastAnswers> {
  const { config, logger } = asking;
  const timeout = config.pluginTimeout * 1000;
  const plugins = openPlugins({ folders: config.pluginFolders, timeout, logger });
  const retries = new Retries(logger);
  const left = new Map(owed.map((entry) => [entry.id, entry]));
  const outbox = new Outbox({
    ...{ retries, logger, ask: (call) => askAgain(plugins, call) },
    view: { all: () => left.values(), get: (_, id) => left.get(id) },
    forget: async (id) => void left.delete(id),
  });
  try {
    await registerManaged(asking, plugins);
    await outbox.workAll();
    const names = [...new Set(owed.map(({ plugin }) => plugin))];
    const isLeft = (name: string): boolean => [...left.values()].some(({ plugin }) => plugin === name);
    const why = (name: string): string =>
      retries.list().find((one) => one.name === `plugin ${name}`)?.error ?? '';
    return {
      done: names.filter((name) => !isLeft(name)),
      warnings: names.filter(isLeft).map((name) => `plugin ${name} may keep what it gave: ${why(name)}`),
    };
  } finally {
    retries.close();
    plugins.close();
  }
}

/** Those that the engine ran, where it ran them. */
async function registerManaged({ config, kernel, logger }: Asking, plugins: Plugins): Promise<void> {
  const folder = join(config.dataRoot, 'plugins');
  if (!existsSync(folder)) return;
  const records = new PluginRecords(folder, { kernel, logger });
  await records.load();
  for (const plugin of records.all())
    if (plugin.enabled)
      plugins.register(plugin.name, {
        socket: socketOf(join(config.execRoot, 'plugins'), plugin),
        implementations: implementsOf(plugin),
        hostPath: (path) => path,
      });
}
