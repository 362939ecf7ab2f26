/** Steps of the model. */
import type { TableName, Tables, View } from '../model/tables.ts';

/** The model before and after a list of changes. */
export interface Step {
  readonly before: View;
  readonly after: View;
}

/** A record before and after, where it exists. */
export const both = <T extends TableName>(
  table: T,
  key: string,
  { before, after }: Step,
): readonly Tables[T][] =>
  [before.get(table, key), after.get(table, key)].filter((record) => record !== undefined);
