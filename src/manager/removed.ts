/** What a newly read state no longer has. */
import type { Entry } from '../kv/kv.ts';
import { type SwarmChange, type SwarmView, swarmTables } from '../swarm/records.ts';
import { keyOf } from './formats.ts';

export function removedBetween(view: SwarmView, entries: readonly Entry[]): readonly SwarmChange[] {
  const kept = new Set(entries.map(({ key }) => key));
  return swarmTables.flatMap((table) =>
    Array.from(view.all(table)).flatMap(({ id }) =>
      kept.has(keyOf(table, id)) ? [] : [{ table, remove: id } as SwarmChange],
    ),
  );
}
