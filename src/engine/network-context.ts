/** The engine's settings and the host's facts, as the transitions of networks need them. */

import { ulaPool } from '../ipam/choose-pool.ts';
import { isDefaultRoute } from '../model/host-routes.ts';
import type { NetworkContext } from '../model/networks.ts';
import { parseResolvConf } from '../names/resolv-conf.ts';
import { blockOfOne } from '../net/address.ts';
import { familyOf } from '../net/family.ts';
import type { Core } from './core.ts';
import { hostFile } from './host-file.ts';
import { routesOfOthers } from './host-routes.ts';

export type NetworkSources = Pick<
  Core,
  'config' | 'generate' | 'facts' | 'identity' | 'kernel' | 'model' | 'hostRoutes'
>;

/** `id`: of the network to be made. */
export function networkContext(core: NetworkSources, id?: string): NetworkContext {
  const { config, kernel } = core;
  const generate = id === undefined ? core.generate : { ...core.generate, id: () => id };
  const v4 = config.defaultAddressPools.filter(({ base }) => familyOf(base) === 4);
  const v6 = config.defaultAddressPools.filter(({ base }) => familyOf(base) === 6);
  return {
    generate,
    pools: [...v4, ...(v6.length > 0 ? v6 : [ulaPool(core.identity)])],
    routed: [...claimed(core), ...hostServers()],
    defaultOptions: config.defaultNetworkOpts,
    facts: core.facts(),
    hasLink: (name) => kernel.host.route.findIndex(name) !== undefined,
  };
}

/** Destinations that somebody else made the host route: those of our own links are in the model. */
const claimed = (core: Pick<Core, 'model' | 'hostRoutes'>): readonly string[] =>
  routesOfOthers(core).flatMap((route) => (isDefaultRoute(route) ? [] : [route.destination]));

/** As dockerd: no network may hide the servers that names are asked of. */
const hostServers = (): readonly string[] =>
  parseResolvConf(hostFile('/etc/resolv.conf')).servers.map(blockOfOne);
