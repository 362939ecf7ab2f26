/** Chance and time for transitions of a swarm. */
import { randomBytes } from 'node:crypto';
import { type SwarmContext, swarmIdOf } from '../../swarm/context.ts';
import type { Core } from '../core.ts';

/** Milliseconds with fractions: records made one after the other have different times. */
export const swarmContext = ({ generate }: Pick<Core, 'generate'>): SwarmContext => ({
  generate: { id: () => swarmIdOf(randomBytes(16)), mac: generate.mac, below: generate.below },
  now: performance.timeOrigin + performance.now(),
});
