/** Verbs of the swarm as a whole, and of this node in it. */
import { fail } from '../../errors.ts';
import type { Core } from '../core.ts';
import type { SwarmVerbs } from '../swarm-verbs.ts';

export type MembershipVerbs = Omit<SwarmVerbs, 'nodes' | 'services' | 'tasks' | 'secrets' | 'configs'>;

export function membershipVerbs({ swarm }: Pick<Core, 'swarm'>): MembershipVerbs {
  const absent = (): never => {
    throw fail('NOT_SUPPORTED', 'swarm mode');
  };
  return {
    standing: () => swarm.standing(),
    counts: () => undefined,
    init: async () => absent(),
    join: async () => absent(),
    leave: async () => {
      await swarm.member.close();
    },
    inspect: () => {
      swarm.store();
      return absent();
    },
    update: async () => {
      swarm.store();
      absent();
    },
    unlockKey: () => {
      swarm.store();
      return absent();
    },
    unlock: async () => {
      swarm.store();
      throw fail('SWARM_NOT_LOCKED');
    },
  };
}
