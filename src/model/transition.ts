/** Transitions: from the records as they are to what is to change in them. */
import type { Change, View } from './tables.ts';

/** Changes, alone or beside what else the caller wants to know. */
export type Decision = readonly Change[] | { readonly changes: readonly Change[] };

/** Changes nothing itself, and decides by the view alone: it is run again where the records have changed meanwhile. */
export type Transition<D extends Decision = Decision, V = View> = (view: V) => D;

export const changesOf = (decision: Decision): readonly Change[] =>
  'changes' in decision ? decision.changes : decision;
