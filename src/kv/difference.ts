/** The difference between two states of a watch. */
import type { Changes, Entry, Range } from './kv.ts';

/** The changes from the known revisions, by key, to a full state. */
export function changesBetween(known: ReadonlyMap<string, number>, { revision, entries }: Range): Changes {
  const present = new Set(entries.map(({ key }) => key));
  return {
    kind: 'changes',
    revision,
    put: entries.filter((entry) => known.get(entry.key) !== entry.revision),
    removed: [...known.keys()].filter((key) => !present.has(key)),
  };
}

export const isEmpty = ({ put, removed }: Changes): boolean => put.length === 0 && removed.length === 0;

/** Key to revision. */
export const revisionsOf = (entries: readonly Entry[]): Map<string, number> =>
  new Map(entries.map(({ key, revision }) => [key, revision]));

/** Applies changes to the known revisions, in place. */
export function follow(known: Map<string, number>, { put, removed }: Changes): void {
  for (const { key, revision } of put) known.set(key, revision);
  for (const key of removed) known.delete(key);
}

/** Whether a key lies below a prefix of `range` and `watch`. */
export const liesBelow = (prefix: string, key: string): boolean =>
  prefix === '' || key.startsWith(`${prefix}/`);
