/** A subnet that overlaps a route is allowed where the user names it; the answer of `network create` warns of it. */
import { reportedConflicts, routeConflicts } from '../model/host-routes.ts';
import type { Network } from '../model/network.ts';
import type { Core } from './core.ts';
import { routesOfOthers } from './host-routes.ts';

/** '' for none. Of a network of the cluster, any host's routes. */
export function routeWarnings(core: Pick<Core, 'model' | 'hostRoutes'>, network: Network): string {
  const here = routeConflicts(core.model, routesOfOthers(core))
    .filter((conflict) => conflict.network.id === network.id)
    .map(({ subnet, route }) => `subnet ${subnet} overlaps with the host's route to ${route.destination}`);
  const nodes = network.scope === 'global' ? core.model.all('nodes') : [];
  const anywhere = reportedConflicts(network, nodes).map(
    ({ subnet, destination, hosts }) =>
      `subnet ${subnet} overlaps with the route to ${destination} of ${listed(hosts)}`,
  );
  return [...here, ...anywhere].join('; ');
}

/** Names of hosts, the first few of many. */
function listed(hosts: readonly string[]): string {
  const named = hosts.slice(0, 3).join(', ');
  if (hosts.length <= 3) return `${hosts.length === 1 ? 'host' : 'hosts'} ${named}`;
  return `hosts ${named} and ${hosts.length - 3} more`;
}
