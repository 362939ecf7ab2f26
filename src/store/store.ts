/** The tables of the model and the resolver's records in one LMDB environment. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Database, RootDatabase } from 'lmdb';
import { messageOf } from '../errors.ts';
import { type Change, keyOf, type TableName, type Tables, tableNames } from '../model/tables.ts';
import {
  type NameChange,
  type NameEntry,
  type NameRecords,
  reverseName,
  type SandboxNames,
} from '../names/records.ts';
import { CommitQueue } from './commit-queue.ts';
import { openToRead, openToWrite } from './environment.ts';
import { failureOf } from './failure.ts';
import { currentVersion } from './migrations.ts';
import { metaTable } from './snapshot.ts';
import { VisibleWrites } from './visible-writes.ts';

export interface Store {
  load<T extends TableName>(table: T): Iterable<Tables[T]>;
  /**
   * Commits all or nothing, and resolves when readers see it. Throws STORE_NOT_WRITTEN where the disk refuses. A store with several writers throws
   * `StoreConflict` where another one was first; LMDB has only one, because the data root is locked.
   */
  commit(changes: readonly Change[], names: NameChange): Promise<void>;
  names(): NameRecords;
  close(): Promise<void>;
}

export interface StoreOptions {
  /** Told of commits that readers see and that have not reached the disk. The next commit brings them there, too. */
  readonly notFlushed?: (error: unknown) => void;
}

interface Commit {
  readonly changes: readonly Change[];
  readonly names: NameChange;
}

/** The resolver's databases. */
interface NameTables {
  readonly names: Database<NameEntry[], string[]>;
  readonly sandboxes: Database<SandboxNames, string>;
  /** A counter under `generation` that each commit of names or sandboxes increments. */
  readonly generation: Database<Buffer, string>;
}

/**
 * Opens the store for writing and makes its folder. Only one process may: the engine locks its data root. An existing
 * store must have been prepared (`prepare.ts`).
 */
export function openStore(path: string, { notFlushed = warn }: StoreOptions = {}): Store {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const isNew = !existsSync(join(path, 'data.mdb'));
  const root = openToWrite(path);
  if (isNew) root.openDB(metaTable).putSync('version', currentVersion());
  const tables = new Map<TableName, Database>(
    tableNames.map((name) => [name, root.openDB({ name, encoding: 'json' })]),
  );
  const nameTables = openNameTables(root);
  const table = (name: TableName): Database => tables.get(name) as Database;

  const apply = (change: Change): void => {
    if ('remove' in change) table(change.table).removeSync(change.remove);
    else table(change.table).putSync(keyOf(change.table, change.put), change.put);
  };
  const data = join(path, 'data.mdb');
  const writes = new VisibleWrites(root, async (thrown) => notFlushed(await failureOf(thrown, data)));
  const queue = new CommitQueue<Commit>(async (commits) => {
    try {
      await writes.write(() => {
        for (const { changes, names } of commits) {
          for (const change of changes) apply(change);
          writeNames(nameTables, names);
        }
      });
    } catch (thrown) {
      throw await failureOf(thrown, data);
    }
  });
  return {
    *load<T extends TableName>(name: T): Iterable<Tables[T]> {
      for (const { value } of table(name).getRange()) yield value as Tables[T];
    },
    commit: (changes, names) => queue.add({ changes, names }),
    names: () => reader(nameTables, () => {}),
    close: async () => {
      await queue.idle();
      await writes.flushed();
      await root.close();
    },
  };
}

const warn = (error: unknown): void => process.emitWarning(messageOf(error));

/** Opens the engine's records read-only from another process. Throws for a missing store. */
export function openNameRecords(path: string): NameRecords {
  const root = openToRead(path);
  return reader(openNameTables(root), () => void root.close());
}

function openNameTables(root: RootDatabase): NameTables {
  return {
    names: root.openDB({ name: 'names', encoding: 'json' }),
    sandboxes: root.openDB({ name: 'sandbox-names', encoding: 'json' }),
    generation: root.openDB({ name: 'names-generation', encoding: 'binary' }),
  };
}

/** Within a write transaction. */
function writeNames({ names, sandboxes, generation }: NameTables, change: NameChange): void {
  if (change.names.length + change.sandboxes.length === 0) return;
  for (const { networkId, name, endpointId, entry } of change.names) {
    const key = [networkId, name];
    const others = (names.get(key) ?? []).filter((known) => known.endpointId !== endpointId);
    const now = entry ? [...others, entry] : others;
    if (now.length > 0) names.putSync(key, now);
    else names.removeSync(key);
  }
  for (const { id, put } of change.sandboxes) {
    if (put) sandboxes.putSync(id, put);
    else sandboxes.removeSync(id);
  }
  const next = Buffer.alloc(8);
  next.writeDoubleBE((generation.get('generation')?.readDoubleBE(0) ?? 0) + 1);
  generation.putSync('generation', next);
}

/**
 * A reader of the names. lmdb keeps a read transaction (a snapshot) open until the event loop's next timer
 * phase, and a burst of queries would be answered from the past; `refresh` ends it.
 */
function reader({ names, sandboxes, generation }: NameTables, close: () => void): NameRecords {
  const get = (networkId: string, name: string): NameEntry[] => names.get([networkId, name]) ?? [];
  return {
    lookup: get,
    reverse: (networkId, address) => get(networkId, reverseName(address))[0],
    sandbox: (id) => sandboxes.get(id),
    *sandboxes() {
      for (const { value } of sandboxes.getRange()) yield value;
    },
    refresh() {
      generation.resetReadTxn();
      return generation.getBinaryFast('generation')?.readDoubleBE(0) ?? 0;
    },
    close,
  };
}
