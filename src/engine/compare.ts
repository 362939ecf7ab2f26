/** Compares the records with the kernel, scope by scope, without changing anything. */

import { messageOf } from '../errors.ts';
import type { PendingChange } from '../explain/pending.ts';
import { obeyLinks } from '../firewall/input.ts';
import { type Action, keyOfObject } from '../reconcile/diff.ts';
import type { FirewallAction } from '../reconcile/firewall-scope.ts';
import { nameOfScope } from '../reconcile/runs.ts';
import type { Core } from './core.ts';
import type { ComparedScope } from './system-verbs.ts';

export type Comparing = Pick<Core, 'model' | 'reconciler'>;

/** Compares all scopes. One that cannot be compared has an error and does not stop the others. */
export async function compareAll({ model, reconciler }: Comparing): Promise<readonly ComparedScope[]> {
  const scopes = [
    ...Array.from(model.all('networks'), ({ id }) => `network:${id}`),
    ...Array.from(model.all('sandboxes'), ({ id }) => `sandbox:${id}`),
    'firewall',
  ];
  const compared: ComparedScope[] = [];
  for (const scope of scopes) {
    const named = { scope, name: nameOfScope(scope, model) };
    try {
      const actions = await reconciler.compare(scope);
      compared.push({ ...named, changes: actions.map(pendingChange), error: '' });
    } catch (error) {
      // unless it was removed meanwhile
      if (isThere(scope, model)) compared.push({ ...named, changes: [], error: messageOf(error) });
    }
    // lets requests be answered
    await new Promise((resolve) => setImmediate(resolve));
  }
  return compared;
}

function isThere(scope: string, model: Core['model']): boolean {
  const [kind, id = ''] = scope.split(':', 2);
  if (kind === 'network') return model.get('networks', id) !== undefined;
  return kind !== 'sandbox' || model.get('sandboxes', id) !== undefined;
}

export function pendingChange(action: Action | FirewallAction): PendingChange {
  const onHost = { action: 'change', namespace: 'host', differences: [] } as const;
  if (action.verb === 'filter')
    return { ...onHost, kind: 'rules', object: `IPv${action.family}: ${action.count} lines` };
  if (action.verb === 'obey') return { ...onHost, kind: 'link', object: obeyLinks.into };
  if (action.verb === 'forward')
    return { ...onHost, kind: 'sysctl', object: `IPv${action.family} forwarding` };
  const subject = 'object' in action ? action.object : action.observed;
  const [, , ...name] = keyOfObject(subject).split('/');
  const differences = 'differences' in action ? action.differences : [];
  return {
    action: action.verb,
    kind: subject.kind,
    namespace: subject.ns,
    object: name.join('/'),
    differences: differences.map(({ field, desired, observed }) => ({ field, desired, observed })),
  };
}
