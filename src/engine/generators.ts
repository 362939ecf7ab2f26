/** Random values and time for the transitions of the model. */
import { randomBytes, randomInt } from 'node:crypto';
import type { Generators } from '../model/generators.ts';
import { nowNanoseconds, rfc3339 } from '../observe/clock.ts';

export const generate: Generators = {
  id: () => {
    // as Docker: an id whose first twelve digits are all decimal would be taken for a number
    for (;;) {
      const id = randomBytes(32).toString('hex');
      if (/[a-f]/.test(id.slice(0, 12))) return id;
    }
  },
  mac: () => {
    const bytes = randomBytes(6);
    // locally administered, unicast (IEEE 802: bits 1 and 0 of the first octet)
    bytes[0] = ((bytes[0] ?? 0) & 0xfc) | 0x02;
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':');
  },
  below: (limit) => randomInt(limit),
  now: () => rfc3339(nowNanoseconds()),
};
