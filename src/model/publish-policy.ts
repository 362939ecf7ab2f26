/** Whether a published port obeys the host's own firewall. */
import { fail } from '../errors.ts';

/** `host`: reached only from where the host's INPUT rules accept a connection to that port. */
export type PublishPolicy = 'open' | 'host';

/** Option of a network; label of a container, for all of its ports or, followed by `.80/tcp`, for one. */
export const policyOption = 'com.seaway.publish_policy';

/** Undefined for none. Throws BAD_REQUEST. */
export function readPolicy(text: string | undefined): PublishPolicy | undefined {
  if (text === undefined || text === 'open' || text === 'host') return text;
  throw fail('BAD_REQUEST', `invalid ${policyOption}: ${JSON.stringify(text)} is neither "open" nor "host"`);
}

/** Throws BAD_REQUEST for a label that says neither. */
export function checkPolicyLabels(labels: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(labels))
    if (name === policyOption || name.startsWith(`${policyOption}.`)) readPolicy(value);
}
