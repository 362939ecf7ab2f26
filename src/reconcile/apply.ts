/** Applies the actions of a diff. */
import { setImmediate as othersTurn } from 'node:timers/promises';
import { fail } from '../errors.ts';
import type { Action } from './diff.ts';
import type { Handles } from './handles.ts';
import { activeKind } from './kinds/table.ts';
import { traceAction } from './trace.ts';

/** Milliseconds of actions after which others get their turn: a network may have entries for thousands of peers. */
const turn = 10;

/**
 * In order; consecutive removals run concurrently, because the kernel is slow at them but batches them. Does
 * nothing if any action is a refusal.
 */
export async function applyActions(
  actions: readonly Action[],
  handles: Handles,
  trace: (line: string) => void,
): Promise<void> {
  for (const action of actions) if (action.verb === 'refuse') throw refusal(action);
  const removals: Promise<void>[] = [];
  let since = performance.now();
  for (const action of actions) {
    if (performance.now() - since > turn) {
      await Promise.all(removals.splice(0));
      await othersTurn();
      since = performance.now();
    }
    trace(traceAction(action));
    if (action.verb === 'remove') removals.push(remove(action, handles));
    else {
      await Promise.all(removals.splice(0));
      if (action.verb === 'make') await activeKind(action.object.kind).make(action.object, handles);
      else await activeKind(action.object.kind).change(action, handles);
    }
  }
  await Promise.all(removals);
}

const remove = async ({ observed }: Extract<Action, { verb: 'remove' }>, handles: Handles): Promise<void> =>
  activeKind(observed.kind).remove(observed, handles);

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
