/** The rules in a sandbox that redirect port 53 of the resolver's address to its ports. */
import { messageOf } from '../errors.ts';
import type { Namespace } from '../kernel/kernel.ts';
import { resolverAddress } from '../names/resolv-conf.ts';
import type { Ports } from './listeners.ts';

/** The engine's table in the sandbox's namespace, which goes with the namespace. */
const name = 'seaway_dns';

/**
 * Makes the table with these ports. An existing one is replaced, which takes 16 ms (an RCU grace period before rules
 * are deleted). Throws KERNEL.
 */
export function installRedirect(namespace: Namespace, ports: Ports): void {
  const replace = has(namespace, `table ip ${name}`) ? `delete table ip ${name}\n` : '';
  namespace.nft(replace + redirectRules(ports));
}

/** Makes the table if it is missing or has other ports. Throws KERNEL. */
export function restoreRedirect(namespace: Namespace, ports: Ports): void {
  if (!has(namespace, `chain ip ${name} ${chainFor(ports)}`)) installRedirect(namespace, ports);
}

/** Removes the table, for a namespace that stays without the resolver. Throws KERNEL. */
export function removeRedirect(namespace: Namespace): void {
  if (has(namespace, `table ip ${name}`)) namespace.nft(`delete table ip ${name}\n`);
}

/** The chain's name has the ports, so that checking for it is enough. */
const chainFor = ({ udp, tcp }: Ports): string => `queries-${udp}-${tcp}`;

function has(namespace: Namespace, what: string): boolean {
  try {
    namespace.nft(`list ${what}`);
    return true;
  } catch (error) {
    if (messageOf(error).includes('No such file')) return false;
    throw error;
  }
}

/**
 * Commands for nft that make the table. Port 53 itself stays free, so that a DNS server in the container can listen
 * on 0.0.0.0:53.
 *
 * Ports are rewritten in the packets, without NAT as in Docker's rules: NAT would switch connection
 * tracking on for all traffic of the sandbox. Where the container itself tracks connections, it sees
 * port 53: queries are rewritten after its hooks, replies before them (nf_conntrack keeps the entry of a
 * packet over lo that it assigned on output).
 */
function redirectRules({ udp, tcp }: Ports): string {
  return `table ip ${name} {
  chain ${chainFor({ udp, tcp })} {
    type filter hook output priority 300; policy accept;
    ip daddr ${resolverAddress} udp dport 53 udp dport set ${udp}
    ip daddr ${resolverAddress} tcp dport 53 tcp dport set ${tcp}
  }
  chain replies {
    type filter hook output priority -350; policy accept;
    ip saddr ${resolverAddress} udp sport ${udp} udp sport set 53
    ip saddr ${resolverAddress} tcp sport ${tcp} tcp sport set 53
  }
}
`;
}
