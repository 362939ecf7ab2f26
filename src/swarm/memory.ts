/** The records of a swarm in memory, with their indexes: the mirror of a manager. */
import { RecordOverlay } from './overlay.ts';
import type { SwarmChange, SwarmView } from './records.ts';
import { SwarmTableSet } from './table-set.ts';

/** Changed in place; what it hands out is never changed. */
export class SwarmMemory extends SwarmTableSet {
  #revision = 0;

  override get revision(): number {
    return this.#revision;
  }

  /**
   * The records that were put must have their new versions. Gives the view as it was before, which is good until the
   * next call.
   */
  apply(changes: readonly SwarmChange[], revision: number): SwarmView {
    const before = new RecordOverlay(this, this.#revision);
    for (const change of changes) {
      const { table } = change;
      const id = 'put' in change ? change.put.id : change.remove;
      const old = this.get(table, id);
      if (!before.knows(table, id)) before.set(table, { id, record: old });
      this.set(table, { id, record: 'put' in change ? change.put : undefined });
    }
    this.#revision = revision;
    return before;
  }
}
