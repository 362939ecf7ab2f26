/** One step from a format of the store to the next. */

/** Records as they were written: table name to what lies in it. Names of the resolver are derived at each start. */
export type Snapshot = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;

export interface Migration {
  /** The version that it leads to. */
  readonly to: number;
  /** For the log. */
  readonly what: string;
  readonly change: (before: Snapshot) => Snapshot;
}
