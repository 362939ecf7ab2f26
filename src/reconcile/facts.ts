/** What plans need to know of the host, read from the kernel. */
import type { Kernel } from '../kernel/kernel.ts';
import type { Facts } from '../objects/object.ts';
import { type HostRoutes, type ObservedHostRoute, readHostRoutes } from './host-routes.ts';

/** Ethernet's, where there is no uplink to ask (RFC 894). */
const ordinaryMtu = 1500;

/** Well under a millisecond; without an hostRoutes, unless the host has very many routes. */
export function readFacts({ host }: Pick<Kernel, 'host'>, hostRoutes?: Pick<HostRoutes, 'routes'>): Facts {
  const routes = hostRoutes?.routes() ?? readHostRoutes(host.route, () => true);
  return {
    uplinkMtu: uplinkMtu(routes),
    bridgeNetfilter: host.readSysctl('net/bridge/bridge-nf-call-iptables') !== undefined,
    ipv6: host.readSysctl('net/ipv6/conf/all/disable_ipv6') !== undefined,
  };
}

/** Of the default route with the lowest metric, IPv4 before IPv6. */
function uplinkMtu(routes: readonly ObservedHostRoute[]): number {
  const [first] = routes
    .filter(({ destination, index }) => index && (destination === '0.0.0.0/0' || destination === '::/0'))
    .toSorted(
      (a, b) => Number(a.destination === '::/0') - Number(b.destination === '::/0') || a.metric - b.metric,
    );
  return first?.mtu || ordinaryMtu;
}
