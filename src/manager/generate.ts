/** Chance for a swarm's transitions. */
import { randomBytes, randomInt } from 'node:crypto';
import { type SwarmGenerators, swarmIdOf } from '../swarm/context.ts';

export const generate: SwarmGenerators = {
  id: () => swarmIdOf(randomBytes(16)),
  mac: () => {
    const bytes = randomBytes(6);
    // locally administered, unicast (IEEE 802: bits 1 and 0 of the first octet)
    bytes[0] = ((bytes[0] ?? 0) & 0xfc) | 0x02;
    return bytes.toString('hex').replace(/(..)(?=.)/g, '$1:');
  },
  below: (limit) => randomInt(limit),
};
