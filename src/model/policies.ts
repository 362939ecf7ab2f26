/** Transitions of policies. */
import { fail } from '../errors.ts';
import type { Policy } from './policy.ts';
import type { Change, View } from './tables.ts';

export type AppliedAs = 'created' | 'changed' | 'unchanged';

export interface AppliedPolicies {
  readonly changes: readonly Change[];
  readonly results: readonly { readonly name: string; readonly as: AppliedAs }[];
}

/** Those of the same name are replaced, others stay. */
export function applyPolicies(view: View, policies: readonly Policy[]): AppliedPolicies {
  const results = policies.map((policy) => {
    const known = view.get('policies', policy.id);
    const as: AppliedAs = !known
      ? 'created'
      : JSON.stringify(known) === JSON.stringify(policy)
        ? 'unchanged'
        : 'changed';
    return { policy, name: policy.id, as };
  });
  return {
    changes: results.flatMap(({ policy, as }): Change[] =>
      as === 'unchanged' ? [] : [{ table: 'policies', put: policy }],
    ),
    results: results.map(({ name, as }) => ({ name, as })),
  };
}

/** Throws POLICY_NOT_FOUND. */
export function removePolicy(view: View, name: string): readonly Change[] {
  if (!view.get('policies', name)) throw fail('POLICY_NOT_FOUND', name);
  return [{ table: 'policies', remove: name }];
}
