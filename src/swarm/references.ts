/** How users name objects of a swarm: a whole id, a name, or the begin of an id, in this order. */
import { fail } from '../errors.ts';
import type { SwarmTables, SwarmView } from './records.ts';
import { nameOf } from './table-set.ts';

const kinds = {
  nodes: 'node',
  services: 'service',
  tasks: 'task',
  secrets: 'secret',
  configs: 'config',
  networks: 'network',
} as const;
export type ReferableTable = keyof typeof kinds;

/** Throws SWARM_OBJECT_NOT_FOUND or SWARM_OBJECT_AMBIGUOUS. */
export function findObject<T extends ReferableTable>(view: SwarmView, table: T, ref: string): SwarmTables[T] {
  const exact = view.get(table, ref);
  if (exact) return exact;
  const all = [...view.all(table)];
  const named = all.filter((record) => nameOfObject(table, record) === ref);
  const matches = named.length > 0 || ref === '' ? named : all.filter(({ id }) => id.startsWith(ref));
  const [found] = matches;
  if (!found) throw fail('SWARM_OBJECT_NOT_FOUND', kinds[table], ref);
  if (matches.length > 1) throw fail('SWARM_OBJECT_AMBIGUOUS', kinds[table], ref, matches.length);
  return found;
}

/** A node's is its host's; a task's as `docker service ps` shows it, without its id. */
function nameOfObject(table: ReferableTable, record: SwarmTables[ReferableTable]): string | undefined {
  if ('description' in record && record.description) return record.description.hostname;
  return nameOf(table, record);
}
