/** Formats of the store: each version of the records, and the way from one to the next. Pure. */
import { fail } from '../errors.ts';
import { askedAndKept } from './asked-and-kept.ts';
import type { Drivers, Migration, Snapshot } from './migration.ts';
import { outbox } from './outbox.ts';
import { specs } from './specs.ts';

/** A store without a version: written before versions were. */
export const firstVersion = 1;

/** In order, without a gap. A change of what a record holds adds one, and a fixture of the version before it. */
export const migrations: readonly Migration[] = [askedAndKept, outbox, specs];

export const currentVersion = (list: readonly Migration[] = migrations): number =>
  list.at(-1)?.to ?? firstVersion;

/** Throws STORE_TOO_NEW for a version that is not known. */
export function migrate(
  before: Snapshot,
  version: number,
  { drivers, list = migrations }: { readonly drivers: Drivers; readonly list?: readonly Migration[] },
): Snapshot {
  if (version > currentVersion(list)) throw fail('STORE_TOO_NEW', version, currentVersion(list));
  return list.filter(({ to }) => to > version).reduce((now, { change }) => change(now, drivers), before);
}
