/** The formats of the store and the migrations between them. Pure. */
import { fail } from '../errors.ts';
import { askedAndKept } from './asked-and-kept.ts';
import type { Drivers, Migration, Snapshot } from './migration.ts';
import { outbox } from './outbox.ts';
import { specs } from './specs.ts';

/** The format of a store without a version. */
export const firstVersion = 1;

/** In order, without a gap. A change of the records' format adds one, and a fixture of the previous format. */
export const migrations: readonly Migration[] = [askedAndKept, outbox, specs];

export const currentVersion = (list: readonly Migration[] = migrations): number =>
  list.at(-1)?.to ?? firstVersion;

/** Throws STORE_TOO_NEW for an unknown version. */
export function migrate(
  before: Snapshot,
  version: number,
  { drivers, list = migrations }: { readonly drivers: Drivers; readonly list?: readonly Migration[] },
): Snapshot {
  if (version > currentVersion(list)) throw fail('STORE_TOO_NEW', version, currentVersion(list));
  return list.filter(({ to }) => to > version).reduce((now, { change }) => change(now, drivers), before);
}
