/**
 * Selects what healing restores of a sandbox: its host side. What a container changes inside its own namespace
 * (routes of a VPN, an interface set down) is left alone, but for the rules of policies and limits of rates. Pure.
 */
import { parseNamespace } from '../objects/namespace-ref.ts';
import { type Action, keyOfObject } from './diff.ts';

/** All actions if a link is missing, because its inside is gone too; otherwise only those on the host. */
export function hostSide(actions: readonly Action[]): readonly Action[] {
  const removed = new Set(actions.flatMap((action) => (action.verb === 'remove' ? [keyOf(action)] : [])));
  const isLost = actions.some(
    (action) => action.verb === 'make' && action.object.kind === 'link' && !removed.has(keyOf(action)),
  );
  return isLost ? actions : actions.flatMap((action) => onHost(action, removed));
}

const subjectOf = (action: Action) => ('object' in action ? action.object : action.observed);

const keyOf = (action: Action): string => keyOfObject(subjectOf(action));

function onHost(action: Action, removed: ReadonlySet<string>): readonly Action[] {
  if (['access', 'qdisc'].includes(subjectOf(action).kind)) return [action];
  // a pair would be recreated because its inner end was changed
  if (parseNamespace(subjectOf(action).ns).of === 'sandbox' || removed.has(keyOf(action))) return [];
  if (action.verb !== 'change') return [action];
  const differences = action.differences.filter(({ field }) => !field.startsWith('peer.'));
  return differences.length > 0 ? [{ ...action, differences }] : [];
}
