/** The verbs of swarm mode. */
import type { SwarmVerbs } from '../swarm-verbs.ts';
import type { Membership } from './membership.ts';
import { membershipVerbs } from './membership-verbs.ts';
import { objectVerbs } from './object-verbs.ts';
import type { ServiceCore } from './services.ts';

export const swarmVerbs = (core: Membership & ServiceCore): SwarmVerbs => ({
  ...membershipVerbs(core),
  ...objectVerbs(core),
});
