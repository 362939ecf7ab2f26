/** Verbs of nodes, services, tasks, secrets and configs. Each is refused in Docker's words where this node is no manager. */
import { fail } from '../../errors.ts';
import type { Core } from '../core.ts';
import type { SwarmVerbs } from '../swarm-verbs.ts';

export type ObjectVerbs = Pick<SwarmVerbs, 'nodes' | 'services' | 'tasks' | 'secrets' | 'configs'>;

export function objectVerbs({ swarm }: Pick<Core, 'swarm'>): ObjectVerbs {
  const refuse = (): never => {
    swarm.store();
    throw fail('NOT_SUPPORTED', 'swarm mode');
  };
  const later = async (): Promise<never> => refuse();
  const files = { list: refuse, get: refuse, create: later, update: later, remove: later };
  return {
    nodes: { list: refuse, get: refuse, update: later, remove: later },
    services: {
      ...{ list: refuse, counts: refuse, get: refuse, logs: refuse },
      ...{ create: later, update: later, remove: later },
    },
    tasks: { list: refuse, get: refuse, logs: refuse },
    secrets: files,
    configs: files,
  };
}
