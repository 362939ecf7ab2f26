/** Search domains of a resolver, as flags give them. */

import type { Check } from './kinds.ts';

/** RFC 1123 names as Docker checks them; `.` means no search domains. */
export const searchDomain: Check = (text) => {
  const name = text.trim();
  if (name === '.') return name;
  const bare = name.endsWith('.') ? name.slice(0, -1) : name;
  const labels = bare.split('.');
  const valid =
    bare.length <= 253 && labels.every((part) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i.test(part));
  if (!valid || !/[a-z]/i.test(bare)) throw new Error(`${text} is not a valid domain`);
  return name;
};
