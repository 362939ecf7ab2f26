/** A commit failed because another writer of the same store changed the records first. */
import { errorTable, SeawayError } from '../errors.ts';
import type { Change } from '../model/tables.ts';

export class StoreConflict extends SeawayError {
  /** What the other writer changed since the records were read. */
  readonly others: readonly Change[];

  constructor(others: readonly Change[]) {
    const [kind, message] = errorTable.STORE_CONFLICT;
    super('STORE_CONFLICT', kind, message());
    this.others = others;
  }
}
