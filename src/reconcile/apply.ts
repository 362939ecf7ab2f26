/** Doing what a diff says. */
import { fail } from '../errors.ts';
import type { Action } from './diff.ts';
import { activeKind } from './kinds/table.ts';
import type { Place } from './place.ts';
import { traceAction } from './trace.ts';

/**
 * In order; removals that follow each other go side by side, as the kernel is slow at those and takes many
 * at once. Nothing is done if anything is refused.
 */
export async function applyActions(
  actions: readonly Action[],
  place: Place,
  trace: (line: string) => void,
): Promise<void> {
  for (const action of actions) if (action.verb === 'refuse') throw refusal(action);
  const removals: Promise<void>[] = [];
  for (const action of actions) {
    trace(traceAction(action));
    if (action.verb === 'remove') removals.push(remove(action, place));
    else {
      await Promise.all(removals.splice(0));
      if (action.verb === 'make') activeKind(action.object.kind).make(action.object, place);
      else activeKind(action.object.kind).change(action, place);
    }
  }
  await Promise.all(removals);
}

const remove = async ({ observed }: Extract<Action, { verb: 'remove' }>, place: Place): Promise<void> =>
  activeKind(observed.kind).remove(observed, place);

function refusal(action: Extract<Action, { verb: 'refuse' }>): Error {
  const { object, differences } = action;
  const what = 'name' in object ? object.name : object.kind;
  const is = differences.map(({ field, observed }) => `${field} ${observed || 'unknown'}`).join(', ');
  return fail(
    'KERNEL',
    `create ${object.kind} "${what}"`,
    `one that is not the engine's is there already (${is})`,
  );
}
