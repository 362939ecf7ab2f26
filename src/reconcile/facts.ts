/** What plans need to know of the host, read from the kernel. */
import { SeawayError } from '../errors.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Facts } from '../objects/object.ts';
import { type Onward, type Outlook, readOnward } from './outlook.ts';

/** Ethernet's, where there is no uplink to ask (RFC 894). */
const ordinaryMtu = 1500;

/** Well under a millisecond; without an outlook, unless the host has very many routes. */
export function readFacts({ host }: Pick<Kernel, 'host'>, outlook?: Pick<Outlook, 'routes'>): Facts {
  const routes = outlook?.routes() ?? readOnward(host.route, () => true);
  return {
    uplinkMtu: uplinkMtu(routes),
    bridgeNetfilter: host.readSysctl('net/bridge/bridge-nf-call-iptables') !== undefined,
    ipv6: host.readSysctl('net/ipv6/conf/all/disable_ipv6') !== undefined,
    noDummy: lacksDummies(host),
  };
}

/** What was found of a kernel; it is asked once, as it looks for a module each time that it lacks one. */
const withoutDummies = new WeakMap<Kernel['host'], boolean>();

/** No link can have the name that is asked for: none is made, and the kernel says which of the two is wrong. */
function lacksDummies(host: Kernel['host']): boolean {
  const known = withoutDummies.get(host);
  if (known !== undefined) return known;
  let lacks = false;
  try {
    host.route.createLink({ type: 'dummy', name: 'no/name' });
  } catch (error) {
    lacks = error instanceof SeawayError && error.code === 'KERNEL_LACKS';
  }
  withoutDummies.set(host, lacks);
  return lacks;
}

/** Of the default route with the lowest metric, IPv4 before IPv6. */
function uplinkMtu(routes: readonly Onward[]): number {
  const [first] = routes
    .filter(({ destination, index }) => index && (destination === '0.0.0.0/0' || destination === '::/0'))
    .toSorted(
      (a, b) => Number(a.destination === '::/0') - Number(b.destination === '::/0') || a.metric - b.metric,
    );
  return first?.mtu || ordinaryMtu;
}
