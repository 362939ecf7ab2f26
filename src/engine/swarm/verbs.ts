/** The verbs of swarm mode. */
import type { SwarmVerbs } from '../swarm-verbs.ts';
import type { Membership } from './membership.ts';
import { membershipVerbs } from './membership-verbs.ts';
import { objectVerbs } from './object-verbs.ts';

export const swarmVerbs = (core: Membership): SwarmVerbs => ({
  ...membershipVerbs(core),
  ...objectVerbs(core),
});
