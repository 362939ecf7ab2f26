/** All records of a store at once, without their names. */
import { keyOf, type TableName, type Tables, tableNames } from '../model/tables.ts';
import type { Copy } from './copy.ts';
import { openToRead, openToWrite } from './environment.ts';
import { firstVersion } from './migrations.ts';

/** The database with facts about the store itself; `version` is the format of the records. */
export const metaTable = { name: 'meta', encoding: 'json' } as const;

/** The store must have been checked. Tables that its format lacks are empty. */
export async function readSnapshot(folder: string): Promise<Copy> {
  const root = openToRead(folder);
  try {
    const snapshot: Record<string, Record<string, unknown>[]> = {};
    for (const name of tableNames) {
      const table = root.openDB<Record<string, unknown>>({ name, encoding: 'json' });
      snapshot[name] = Array.from(table?.getRange() ?? [], ({ value }) => value);
    }
    const version: unknown = root.openDB(metaTable)?.get('version');
    return { version: typeof version === 'number' ? version : firstVersion, snapshot };
  } finally {
    await root.close();
  }
}

/** Writes into a folder without a store. */
export async function writeSnapshot(folder: string, { version, snapshot }: Copy): Promise<void> {
  const root = openToWrite(folder);
  try {
    const meta = root.openDB(metaTable);
    const tables = tableNames.map((name) => ({ name, table: root.openDB({ name, encoding: 'json' }) }));
    root.transactionSync(() => {
      meta.putSync('version', version);
      for (const { name, table } of tables)
        for (const record of snapshot[name] ?? [])
          table.putSync(keyOf(name, record as unknown as Tables[TableName]), record);
    });
  } finally {
    await root.close();
  }
}
