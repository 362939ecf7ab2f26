/** Making one scope what it should be: observe, compare, act, and look again. */
import { fail } from '../errors.ts';
import type { NamespaceRef } from '../objects/namespace-ref.ts';
import type { KernelObject } from '../objects/object.ts';
import { applyActions } from './apply.ts';
import { type Action, diff } from './diff.ts';
import type { Handles } from './handles.ts';
import { type Look, observe } from './observe.ts';
import { traceAction } from './trace.ts';

/** A second round mends what the first one's changes took along (routes of a link that was down). */
const rounds = 2;

export interface Scope {
  /** `network:ID`, `sandbox:ID`. */
  readonly name: string;
  readonly desired: readonly KernelObject[];
  /** Namespaces that are its own. */
  readonly inside?: readonly NamespaceRef[];
  /** Which of the actions are taken; by default all. */
  readonly choose?: (actions: readonly Action[]) => readonly Action[];
}

/** What is to be done for the kernel to agree with the scope. Changes nothing. */
export function compareScope(scope: Scope, handles: Handles): readonly Action[] {
  const look: Look = scope;
  const { choose = (all) => all } = scope;
  // what the kernel has told by now is seen by this observation
  handles.kernel.drain();
  return choose(diff(scope.desired, observe(handles, look)));
}

/** Resolves with the number of actions. Throws KERNEL, naming what does not hold after two rounds. */
export async function convergeScope(
  scope: Scope,
  handles: Handles,
  trace: (line: string) => void,
): Promise<number> {
  let count = 0;
  for (let round = 1; ; round++) {
    const actions = compareScope(scope, handles);
    if (actions.length === 0) {
      handles.agrees(scope);
      return count;
    }
    if (round > rounds) throw fail('KERNEL', `converge ${scope.name}`, whatDoesNotHold(actions));
    count += actions.length;
    await applyActions(actions, handles, trace);
  }
}

const whatDoesNotHold = (actions: readonly Action[]): string =>
  `this does not hold: ${actions.map(traceAction).join('; ')}`;
