/** API versions: which are spoken, and which one a request speaks. */
import { fail } from '../errors.ts';

export const oldest = '1.24';
export const newest = '1.50';

/** Versions of the API are `1.minor`; within the API only the minor number is passed around. */
export type Minor = number;

export const newestMinor: Minor = 50;
const oldestMinor: Minor = 24;

/**
 * The minor version that a request speaks. No prefix means the newest.
 * Throws API_TOO_OLD or API_TOO_NEW in Docker's words.
 */
export function negotiate(asked: string | undefined): Minor {
  if (asked === undefined) return newestMinor;
  const [major = 0, minor = 0, patch = 0] = asked.split('.').map((part) => Number.parseInt(part, 10) || 0);
  if (major < 1 || (major === 1 && minor < oldestMinor)) throw fail('API_TOO_OLD', asked, oldest);
  if (major > 1 || minor > newestMinor || (minor === newestMinor && patch > 0))
    throw fail('API_TOO_NEW', asked, newest);
  return minor;
}
