/** The rules in a sandbox that lead port 53 of the resolver's address to the ports that it listens on. */
import { messageOf } from '../errors.ts';
import type { Namespace } from '../kernel/kernel.ts';
import { resolverAddress } from '../names/resolv-conf.ts';
import type { Ports } from './listeners.ts';

/** Our own table in the sandbox's namespace. It goes with the namespace. */
const name = 'seaway_dns';

/**
 * Make the table with these ports. One that another process of ours left behind is replaced, which takes
 * long: before rules are deleted the kernel waits 16 ms for its processors (RCU). Errors: KERNEL.
 */
export function installRedirect(namespace: Namespace, ports: Ports): void {
  const replace = has(namespace, `table ip ${name}`) ? `delete table ip ${name}\n` : '';
  namespace.nft(replace + redirectRules(ports));
}

/** Make the table if somebody took it away, or it leads to other ports. Errors: KERNEL. */
export function restoreRedirect(namespace: Namespace, ports: Ports): void {
  if (!has(namespace, `chain ip ${name} ${chainFor(ports)}`)) installRedirect(namespace, ports);
}

/** Take the table away, where the namespace goes on without the resolver. Errors: KERNEL. */
export function removeRedirect(namespace: Namespace): void {
  if (has(namespace, `table ip ${name}`)) namespace.nft(`delete table ip ${name}\n`);
}

/** Its name tells the ports, so that a look at it is enough. */
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
 * Commands for nft that fill the table. Port 53 itself stays free, so that a DNS server of the container's
 * own can listen on 0.0.0.0:53.
 *
 * Ports are rewritten in the packets, without NAT as in Docker's rules: NAT would switch connection
 * tracking on for all traffic of the sandbox. Where the container itself tracks connections, it sees the
 * ones to port 53: queries are rewritten behind its hooks, replies before them (nf_conntrack leaves a
 * packet that comes over lo as it has marked it on the way out).
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
