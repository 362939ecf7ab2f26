/** Policies in labels of a container: `com.seaway.policy.allow-from=web:5432,label:role=backup`. */
import { fail } from '../errors.ts';
import type { Container } from '../model/container.ts';
import { hasPolicyLabels, mostRules, type Policy, type PolicyRule, policyLabels } from '../model/policy.ts';
import { readShortForm, Unreadable } from './read-remote.ts';

/** Before those of documents. */
const order = -1;

/** Undefined for a container without such labels. Throws POLICY_LABEL_INVALID. */
export function policyOfLabels({
  name,
  config: { Labels },
}: Pick<Container, 'name'> & { readonly config: Pick<Container['config'], 'Labels'> }): Policy | undefined {
  if (!hasPolicyLabels(Labels)) return undefined;
  const rules = { ingress: [] as PolicyRule[], egress: [] as PolicyRule[] };
  for (const label of Object.keys(Labels))
    if (label.startsWith('com.seaway.policy.') && !Object.hasOwn(policyLabels, label))
      throw fail('POLICY_LABEL_INVALID', label, `known are ${Object.keys(policyLabels).join(', ')}`);
  for (const [label, [direction, verdict]] of Object.entries(policyLabels)) {
    const text = Labels[label];
    if (text === undefined) continue;
    const ends = text.split(',');
    if (ends.length > mostRules)
      throw fail('POLICY_LABEL_INVALID', label, `it has more than ${mostRules} entries`);
    for (const one of ends) {
      try {
        rules[direction].push({ verdict, ...readShortForm(one.trim(), direction), line: 0 });
      } catch (thrown) {
        if (thrown instanceof Unreadable) throw fail('POLICY_LABEL_INVALID', label, thrown.message);
        throw thrown;
      }
    }
  }
  return { id: `labels of ${name}`, order, applies: { container: name }, ...rules };
}
