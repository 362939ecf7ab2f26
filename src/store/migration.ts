/** One step from a format of the store to the next. */

import type { DriverTable } from '../model/driver.ts';

/** Records as they were written: table name to what lies in it. Names of the resolver are derived at each start. */
export type Snapshot = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;

export type Drivers = Pick<DriverTable, 'find'>;

export interface Migration {
  /** The version that it leads to. */
  readonly to: number;
  /** For the log. */
  readonly what: string;
  /** `drivers`: those that read the options of networks. */
  readonly change: (before: Snapshot, drivers: Drivers) => Snapshot;
}
