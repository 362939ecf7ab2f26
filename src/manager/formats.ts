/** Records as entries of the store: a key per record, its JSON packed and sealed. */
import type { Entry, Put } from '../kv/kv.ts';
import { type SwarmChange, type SwarmTable, type SwarmTables, swarmTables } from '../swarm/records.ts';
import { pack, unpack } from './packing.ts';
import type { Seal } from './sealing.ts';

/** Keys. `turn` changes with every transaction, so that each has seen the one before. */
export const turnKey = 'turn';
export const leaderKey = 'leader';
const objects = 'objects';

export const keyOf = (table: SwarmTable, id: string): string => `${objects}/${table}/${id}`;

interface Place {
  readonly table: SwarmTable;
  readonly id: string;
}

/** undefined for a key that is no record's. */
export function placeOf(key: string): Place | undefined {
  const [first, name, id, ...more] = key.split('/');
  const table = swarmTables.find((one) => one === name);
  return first === objects && table && id && more.length === 0 ? { table, id } : undefined;
}

export function putOf(seal: Seal, change: Extract<SwarmChange, { readonly put: unknown }>): Put {
  const key = keyOf(change.table, change.put.id);
  return { key, value: seal.close(key, pack(change.table, JSON.stringify({ ...change.put, version: 0 }))) };
}

/** Throws SWARM_SEALED, or a SyntaxError for a text that is no JSON. */
export function changeOf(seal: Seal, { key, value, revision }: Entry): SwarmChange | undefined {
  const place = placeOf(key);
  if (!place) return undefined;
  // sealed by a manager of this swarm: it is a record of this table
  const row = JSON.parse(unpack(seal.openBytes(key, value))) as SwarmTables[SwarmTable];
  return versioned({ table: place.table, put: row } as SwarmChange, revision);
}

/** With the version that the record has by this revision. */
export function versioned(change: SwarmChange, revision: number): SwarmChange {
  return 'put' in change
    ? ({ table: change.table, put: { ...change.put, version: revision } } as SwarmChange)
    : change;
}
