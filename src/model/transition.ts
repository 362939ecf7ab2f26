/** Transitions: pure functions from the records to changes of them. */
import type { Change, View } from './tables.ts';

/** Changes, alone or with further results for the caller. */
export type Decision = readonly Change[] | { readonly changes: readonly Change[] };

/** Changes nothing itself, and decides by the view alone: it is run again where the records have changed meanwhile. */
export type Transition<D extends Decision = Decision, V = View> = (view: V) => D;

export const changesOf = (decision: Decision): readonly Change[] =>
  'changes' in decision ? decision.changes : decision;
