/** Reads the facts about the host that plans need. */
import type { Kernel } from '../kernel/kernel.ts';
import type { Facts } from '../objects/object.ts';
import { type HostRoutes, type ObservedHostRoute, readHostRoutes } from './host-routes.ts';

/** Ethernet's MTU, for a host without uplink (RFC 894). */
const ordinaryMtu = 1500;

/** Takes well under a millisecond; without the cache `hostRoutes` it reads all of the host's routes. */
export function readFacts({ host }: Pick<Kernel, 'host'>, hostRoutes?: Pick<HostRoutes, 'routes'>): Facts {
  const routes = hostRoutes?.routes() ?? readHostRoutes(host.route, () => true);
  return {
    uplinkMtu: uplinkMtu(routes),
    bridgeNetfilter: host.readSysctl('net/bridge/bridge-nf-call-iptables') !== undefined,
    ipv6: host.readSysctl('net/ipv6/conf/all/disable_ipv6') !== undefined,
    ...((host.readSysctl('net/ipv4/conf/all/rp_filter') ?? '0') !== '0' && { reversePathFilter: true }),
  };
}

/** MTU of the link of the default route with the lowest metric, IPv4 before IPv6. */
function uplinkMtu(routes: readonly ObservedHostRoute[]): number {
  const [first] = routes
    .filter(({ destination, index }) => index && (destination === '0.0.0.0/0' || destination === '::/0'))
    .toSorted(
      (a, b) => Number(a.destination === '::/0') - Number(b.destination === '::/0') || a.metric - b.metric,
    );
  return first?.mtu || ordinaryMtu;
}
