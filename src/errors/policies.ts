/** Errors of policies between containers. */
import { type Entry, q } from './entry.ts';

export const policyErrors = {
  POLICY_DOCUMENT: [
    'invalid',
    (line: number, why: string): string => `invalid policy document: line ${line}: ${why}`,
  ],
  POLICY_LABEL_INVALID: [
    'invalid',
    (label: string, why: string): string => `invalid label ${q(label)}: ${why}`,
  ],
  POLICY_NOT_FOUND: ['notFound', (name: string): string => `No such policy: ${name}`],
  POLICY_OF_LABELS: [
    'conflict',
    (name: string, container: string): string =>
      `policy ${q(name)} is made of the labels com.seaway.policy.* of container ${container} and goes with it: run ${container} again without them`,
  ],
  POLICY_FLOW: ['invalid', (why: string): string => `invalid flow: ${why}`],
} as const satisfies Record<string, Entry>;
