/** A network with all that is on it, here and on other hosts. */
import type { Network } from '../model/network.ts';
import type { Core } from './core.ts';
import type { NetworkDetail } from './network-verbs.ts';

export function networkDetail({ model }: Pick<Core, 'model'>, network: Network): NetworkDetail {
  const endpoints = model.endpointsOfNetwork(network.id);
  if (!network.overlay) return { network, endpoints };
  const peers = model.peersOfNetwork(network.id);
  const ids = new Set(peers.map(({ nodeId }) => nodeId));
  const hosts = [...model.all('nodes')].filter(
    ({ id, here }) => ids.has(id) || (here && endpoints.length > 0),
  );
  return { network, endpoints, peers, hosts };
}
