/** Verbs of nodes, as a manager has them. */
import { findObject } from '../../swarm/references.ts';
import type { Core } from '../core.ts';
import type { SwarmNodeVerbs } from '../swarm-verbs.ts';
import { swarmContext } from './context.ts';

export function nodeVerbs(core: Pick<Core, 'swarm' | 'generate'>): SwarmNodeVerbs {
  const find = (ref: string) => findObject(core.swarm.store().view, 'nodes', ref);
  return {
    list: () => [...core.swarm.store().view.all('nodes')],
    get: find,
    update: async (ref, { version, spec }) => {
      const { id } = find(ref);
      const { updateNode } = await import('../../swarm/nodes.ts');
      await core.swarm.store().transact(updateNode({ id, version, spec }, swarmContext(core)));
    },
    remove: async (ref, { force }) => {
      const { id } = find(ref);
      const { removeNode } = await import('../../swarm/nodes.ts');
      await core.swarm.store().transact(removeNode({ id, force }, swarmContext(core)));
    },
  };
}
