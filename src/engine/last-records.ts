/**
 * Records that the end of an installation needs: external namespaces with interfaces of the engine, and what plugins
 * gave.
 */
import { driverTable } from '../drivers/table.ts';
import { hostPaths, isSilent } from '../kernel/files/host-paths.ts';
import { externalSandboxes } from '../model/external.ts';
import { Model } from '../model/memory.ts';
import type { OutboxEntry } from '../model/outbox.ts';
import { owedByAll } from '../model/owed-calls.ts';
import type { Sandbox } from '../model/sandbox.ts';
import { type Change, tableNames, type View } from '../model/tables.ts';
import { createLogger } from '../observe/logger.ts';
import { networkAsking } from '../plugins/network-driver.ts';
import { openPlugins } from '../plugins/plugins.ts';
import { unmountCall } from '../plugins/volume-driver.ts';
import { runProgram } from '../programs/run.ts';
import { migrate } from '../store/migrations.ts';
import { readSnapshot } from '../store/snapshot.ts';

export interface LastRecords {
  readonly external: readonly Sandbox[];
  /** In the order in which plugins are to be asked to take it back. */
  readonly owed: readonly OutboxEntry[];
}

/** `path`: folder of the store, which an older version may have written. */
export async function lastRecords(path: string): Promise<LastRecords> {
  const { version, snapshot } = await readSnapshot(path);
  // nobody is asked here
  const plugins = openPlugins({ folders: [], timeout: 1, logger: createLogger('error') });
  const drivers = driverTable({ asking: (name) => networkAsking(plugins, name) });
  const model = new Model(drivers);
  const records = migrate(snapshot, version, { drivers });
  for (const table of tableNames)
    for (const put of records[table] ?? []) model.apply([{ table, put } as unknown as Change]);
  const external: Sandbox[] = [];
  for (const sandbox of externalSandboxes(model)) if (await mayExist(sandbox.path)) external.push(sandbox);
  return {
    external,
    owed: owedByAll(model, mountsOf(model)),
  };
}

/** One that does not answer is named when it cannot be opened. */
const mayExist = (path: string): Promise<boolean> =>
  hostPaths.exists(path).catch((thrown: unknown) => isSilent(thrown));

const mountsOf = (view: View) =>
  Array.from(view.all('containers')).flatMap(({ pluginMounts = [] }) =>
    pluginMounts.map(({ plugin, volume, id }) => unmountCall(plugin, volume, id)),
  );

/** Reads in a separate process, because a damaged store ends its reader; undefined if it did. */
export async function readElsewhere(
  [program = '', ...args]: readonly string[],
  path: string,
): Promise<LastRecords | undefined> {
  const { code, stdout } = await runProgram(program, [...args, path]);
  return code === 0 ? (JSON.parse(stdout) as LastRecords) : undefined;
}
