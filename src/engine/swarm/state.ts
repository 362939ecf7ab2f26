/** The swarm as its manager sees it: how far each node has come, and what of each network is given away. */
import { addressUse } from '../../swarm/address-use.ts';
import type { Core } from '../core.ts';
import type { SwarmState } from '../swarm-verbs.ts';

export function swarmState({ swarm }: Pick<Core, 'swarm'>): SwarmState {
  const { view } = swarm.store();
  const use = addressUse(view);
  return {
    revision: view.revision,
    nodes: swarmProgress({ swarm }),
    networks: Array.from(view.all('networks')).flatMap(({ id, network }) =>
      network.ipam.pools.length > 0 ? [{ network, use: use(id) }] : [],
    ),
  };
}

export function swarmProgress({ swarm }: Pick<Core, 'swarm'>): SwarmState['nodes'] {
  const { inside } = swarm.member;
  return Array.from(swarm.store().view.all('nodes'), (node) => ({
    node,
    progress: inside?.progress(node.id),
  }));
}
