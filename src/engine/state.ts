/** The store of an engine: checked, opened, loaded, and copied. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DaemonConfig } from '../config/config.ts';
import type { DriverTable } from '../model/driver.ts';
import { Model } from '../model/memory.ts';
import { type Change, tableNames } from '../model/tables.ts';
import type { Logger } from '../observe/logger.ts';
import { runningBelow } from '../runtime/running-below.ts';
import { CopyKeeper } from '../store/copy-keeper.ts';
import type { Snapshot } from '../store/migration.ts';
import { currentVersion } from '../store/migrations.ts';
import { copyOf, type Origin, prepareStore } from '../store/prepare.ts';
import { openStore, type Store } from '../store/store.ts';

export interface StateOptions {
  readonly config: DaemonConfig;
  readonly logger: Logger;
  readonly checker: readonly string[];
  readonly drivers: Pick<DriverTable, 'find'>;
}

/** Throws STORE_DAMAGED or STORE_TOO_NEW. */
export async function openState({
  config,
  logger,
  checker,
  drivers,
}: StateOptions): Promise<{ readonly store: Store; readonly origin: Origin }> {
  const folder = join(config.dataRoot, 'state');
  const running = (): readonly string[] => runningBelow([config.dataRoot, config.execRoot]);
  const origin = await prepareStore({ folder, checker, running, logger, drivers });
  const notFlushed = (error: unknown): void =>
    logger.error('the last changes are not on the disk yet: the next one is written with them', { error });
  return { store: openStore(folder, { notFlushed }), origin };
}

/** Makes a copy at a start without one. */
export function keepCopies({ dataRoot }: DaemonConfig, model: Model, logger: Logger): CopyKeeper {
  const path = copyOf(join(dataRoot, 'state'));
  const tables = () => tableNames.map((table) => [table, [...model.all(table)]]);
  const copies = new CopyKeeper({
    path,
    copy: () => ({ version: currentVersion(), snapshot: Object.fromEntries(tables()) as Snapshot }),
    failed: (error) => logger.warn('the store has not been copied', { copy: path, error }),
  });
  if (!existsSync(path)) copies.touched();
  return copies;
}

export function loadModel(store: Store, drivers: DriverTable): Model {
  const model = new Model(drivers);
  for (const table of tableNames)
    for (const record of store.load(table)) model.apply([{ table, put: record } as Change]);
  return model;
}
