/** One step of the model: how it was, and how it is after some changes. */
import type { TableName, Tables, View } from '../model/tables.ts';

/** The views before and after the changes that lead from one to the other. */
export interface Step {
  readonly before: View;
  readonly after: View;
}

/** A record as it was and as it is, as far as it was and is. */
export const both = <T extends TableName>(
  table: T,
  key: string,
  { before, after }: Step,
): readonly Tables[T][] =>
  [before.get(table, key), after.get(table, key)].filter((record) => record !== undefined);
