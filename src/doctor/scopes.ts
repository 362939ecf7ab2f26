/** Findings of the comparison of records and kernel. */
import type { PendingChange } from '../explain/pending.ts';
import { type Finding, fixCommand } from './finding.ts';

/** The comparison of one scope. */
export interface Compared {
  readonly scope: string;
  /** `network app`, `container web`, `firewall`. */
  readonly name: string;
  readonly changes: readonly PendingChange[];
  readonly error: string;
}

/** One finding for each scope that differs. */
export function scopeFindings(compared: readonly Compared[]): readonly Finding[] {
  return compared.flatMap((one): Finding[] => {
    if (one.error !== '') return [failed(one)];
    return one.changes.length === 0 ? [] : [differing(one)];
  });
}

const failed = ({ scope, name, error }: Compared): Finding => ({
  ...{ code: 'cannot-compare', at: name, cure: fixCommand, would: [`converge ${name}`] },
  sentence: `${name} cannot be compared: ${error}`,
  fix: { kind: 'scope', scope },
});

function differing({ scope, name, changes }: Compared): Finding {
  const refused = changes.filter(({ action }) => action === 'refuse');
  const [first] = refused.length > 0 ? refused : changes;
  const more = changes.length > 1 ? `, and ${changes.length - 1} more` : '';
  const would = changes.map(changeText);
  if (refused.length > 0 && first)
    return {
      ...{ code: 'differs', at: name, would: [] },
      sentence: `in the way of ${name} is something that is not the engine's: ${first.kind} ${first.object}${more}`,
      cure: `remove or rename ${first.kind} ${first.object}`,
      fix: { kind: 'none' },
    };
  return {
    ...{ code: 'differs', at: name, cure: fixCommand, would },
    sentence: `${name} differs from the records: ${first ? differenceText(first) : ''}${more}`,
    fix: { kind: 'scope', scope },
  };
}

const values = ({ differences }: PendingChange): string =>
  differences
    .map(({ field, desired, observed }) => `${field} is ${observed || 'none'}, not ${desired || 'none'}`)
    .join(', ');

function differenceText(change: PendingChange): string {
  const { action, kind, object } = change;
  if (action === 'make') return `${kind} ${object} is missing`;
  if (action === 'remove') return `${kind} ${object} is too much`;
  const changed = values(change);
  return `${kind} ${object}${changed === '' ? ' is changed' : `: ${changed}`}`;
}

/** `change link eth0: up is false, not true`. */
function changeText(change: PendingChange): string {
  const changed = values(change);
  return `${change.action} ${change.kind} ${change.object}${changed === '' ? '' : `: ${changed}`}`;
}
