/** Converges one scope: observe, compare, act, and observe again. */
import { fail } from '../errors.ts';
import type { NamespaceRef } from '../objects/namespace-ref.ts';
import type { KernelObject } from '../objects/object.ts';
import { applyActions } from './apply.ts';
import { type Action, diff } from './diff.ts';
import type { Handles } from './handles.ts';
import { type Look, observe } from './observe.ts';
import { describeAction, traceAction } from './trace.ts';

/** A second round restores what the first one's changes removed (routes of a link that was set down). */
const rounds = 2;

export interface Scope {
  /** `network:ID`, `sandbox:ID`. */
  readonly name: string;
  readonly desired: readonly KernelObject[];
  /** Namespaces that belong to the scope alone. */
  readonly inside?: readonly NamespaceRef[];
  /** Selects the actions to take; all by default. */
  readonly choose?: (actions: readonly Action[]) => readonly Action[];
}

/** The actions that would bring the kernel to the scope's plan. Changes nothing. */
export function compareScope(scope: Scope, handles: Handles): readonly Action[] {
  const look: Look = scope;
  const { choose = (all) => all } = scope;
  // events up to here are covered by this observation
  handles.drain(scope.desired);
  return choose(diff(scope.desired, observe(handles, look)));
}

/** Resolves with the number of actions. Throws KERNEL with what still differs after two rounds. */
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
    handles.tell(scope.name, actions.map(describeAction));
    await applyActions(actions, handles, trace);
  }
}

const whatDoesNotHold = (actions: readonly Action[]): string =>
  `this does not hold: ${actions.map(traceAction).join('; ')}`;
