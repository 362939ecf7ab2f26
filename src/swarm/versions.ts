/** Versions of records: an update names the one that it has seen. */
import { fail } from '../errors.ts';
import { type SwarmContext, timeText } from './context.ts';
import type { Meta, SwarmTables, SwarmView } from './records.ts';
import type { ReferableTable } from './references.ts';

const kinds: Readonly<Record<string, string>> = {
  nodes: 'node',
  services: 'service',
  secrets: 'secret',
  configs: 'config',
};

/** The record that an update changes. Throws SWARM_OBJECT_NOT_FOUND and SWARM_OUT_OF_SEQUENCE. */
export function current<T extends Exclude<ReferableTable, 'tasks' | 'networks'>>(
  view: SwarmView,
  table: T,
  { id, version }: { readonly id: string; readonly version: number },
): SwarmTables[T] {
  const found = view.get(table, id);
  if (!found) throw fail('SWARM_OBJECT_NOT_FOUND', kinds[table] ?? table, id);
  if (found.version !== version) throw fail('SWARM_OUT_OF_SEQUENCE');
  return found;
}

/** Of a new record. */
export function newMeta({ generate, now }: SwarmContext): Meta {
  const at = timeText(now);
  return { id: generate.id(), version: 0, createdAt: at, updatedAt: at };
}
