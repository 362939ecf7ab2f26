/** What plans need to know of the host, read from the kernel. */
import type { Kernel, RouteSocket } from '../kernel/kernel.ts';
import type { Facts } from '../objects/object.ts';

/** Ethernet's, where there is no uplink to ask (RFC 894). */
const ordinaryMtu = 1500;

/** Well under a millisecond, unless the host has very many routes. */
export function readFacts({ host }: Pick<Kernel, 'host'>): Facts {
  return {
    uplinkMtu: uplinkMtu(host.route),
    bridgeNetfilter: host.readSysctl('net/bridge/bridge-nf-call-iptables') !== undefined,
    ipv6: host.readSysctl('net/ipv6/conf/all/disable_ipv6') !== undefined,
  };
}

/** Of the default route with the lowest metric, IPv4 before IPv6. */
function uplinkMtu(route: RouteSocket): number {
  const defaults = route
    .listRoutes()
    .filter(({ destination, link }) => link && (destination === '0.0.0.0/0' || destination === '::/0'))
    .toSorted(
      (a, b) =>
        Number(a.destination === '::/0') - Number(b.destination === '::/0') ||
        (a.metric ?? 0) - (b.metric ?? 0),
    );
  const index = defaults[0]?.link;
  return (index && route.findLinkByIndex(index)?.mtu) || ordinaryMtu;
}
