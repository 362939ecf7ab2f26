/** The verbs of swarm mode. */
import type { Core } from '../core.ts';
import type { SwarmVerbs } from '../swarm-verbs.ts';
import { membershipVerbs } from './membership-verbs.ts';
import { objectVerbs } from './object-verbs.ts';

export const swarmVerbs = (core: Pick<Core, 'swarm'>): SwarmVerbs => ({
  ...membershipVerbs(core),
  ...objectVerbs(core),
});
