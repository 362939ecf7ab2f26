/** One step from a format of the store to the next. */

import type { DriverTable } from '../model/driver.ts';

/** Records by table, in the format in which they were written. The resolver's names are derived at each start. */
export type Snapshot = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;

export type Drivers = Pick<DriverTable, 'find'>;

export interface Migration {
  /** The format that it produces. */
  readonly to: number;
  /** For the log. */
  readonly what: string;
  /** `drivers`: those that read the options of networks. */
  readonly change: (before: Snapshot, drivers: Drivers) => Snapshot;
}
