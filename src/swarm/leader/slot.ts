import type { SwarmTask } from '../records.ts';

/** The tasks of one place: a slot, or the node of a global service. Oldest first. */
export interface Slot {
  readonly key: string;
  readonly slot: number;
  readonly nodeId: string;
  readonly tasks: readonly SwarmTask[];
}
