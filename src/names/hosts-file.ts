/** /etc/hosts and /etc/hostname of a container, byte for byte as Docker (28.5) writes them, and the host's names. */

import type { ExtraHost } from '../model/sandbox.ts';
import { familyOf } from '../net/family.ts';
import type { HostNames } from './host-names.ts';

/** A legacy link on the default bridge: the source's address and names. */
export interface HostsLink {
  readonly address: string;
  readonly alias: string;
  readonly hostname: string;
  readonly name: string;
}

export interface HostsInput {
  readonly hostname: string;
  readonly domainname: string;
  /** The container's addresses without prefix length, by endpoint: IPv4, then IPv6. */
  readonly addresses: readonly string[];
  readonly extraHosts: readonly ExtraHost[];
  readonly links: readonly HostsLink[];
  /** The host's names, where no resolver answers them; names that extra hosts or links define are left out. */
  readonly hostNames: HostNames;
  /** False where the container's loopback has no IPv6: lines with IPv6 addresses are left out. */
  readonly ipv6?: boolean;
}

const everyContainers = '127.0.0.1\tlocalhost\n';
const everyContainers6 = `::1\tlocalhost ip6-localhost ip6-loopback
fe00::\tip6-localnet
ff00::\tip6-mcastprefix
ff02::1\tip6-allnodes
ff02::2\tip6-allrouters
`;

/** The lines of every container, extra hosts, links, its own addresses, then the host's names. */
export function hostsFile(input: HostsInput): string {
  const { hostname, domainname, addresses, extraHosts, links, ipv6 = true } = input;
  const own = hostnameLine(hostname, domainname);
  const lines = [
    ...extraHosts.map(({ address, names }) => `${address}\t${names.join(' ')}`),
    ...links.map(({ address, alias, hostname: linked, name }) => {
      return `${address}\t${[...new Set([alias, linked, name])].join(' ')}`;
    }),
    ...(own === '' ? [] : addresses.map((address) => `${address}\t${own}`)),
    ...hostNameLines(input),
  ];
  const fitting = lines.filter((line) => ipv6 || familyOf(line.split('\t', 1)[0] ?? '') === 4);
  return everyContainers + (ipv6 ? everyContainers6 : '') + fitting.map((line) => `${line}\n`).join('');
}

function hostNameLines({ extraHosts, links, hostNames }: HostsInput): string[] {
  const taken = new Set([...extraHosts.flatMap(({ names }) => names), ...links.map(({ alias }) => alias)]);
  return linesOf(Object.fromEntries(Object.entries(hostNames).filter(([name]) => !taken.has(name))));
}

/** One line for each address, with all of its names. */
function linesOf(hostNames: HostNames): string[] {
  const addresses = new Set(Object.values(hostNames).flat());
  return [...addresses].map((address) => {
    const names = Object.keys(hostNames).filter((name) => hostNames[name]?.includes(address));
    return `${address}\t${names.join(' ')}`;
  });
}

/**
 * /etc/hosts of a container in the host's network namespace: the host's own file plus the host's names that it
 * lacks. With `--add-host` Docker does not use the host's file.
 */
export function hostsFileOfHost(
  hostsOwn: string,
  { extraHosts, hostNames }: Pick<HostsInput, 'extraHosts' | 'hostNames'>,
): string {
  if (extraHosts.length > 0)
    return hostsFile({ hostname: '', domainname: '', addresses: [], extraHosts, links: [], hostNames });
  const words = new Set(hostsOwn.split(/\s+/));
  const lacking = Object.entries(hostNames).filter(([name]) => !words.has(name));
  const lines = linesOf(Object.fromEntries(lacking));
  const end = lines.length > 0 && hostsOwn !== '' && !hostsOwn.endsWith('\n') ? '\n' : '';
  return hostsOwn + end + lines.map((line) => `${line}\n`).join('');
}

/** /etc/hostname. */
export const hostnameFile = (hostname: string): string => `${hostname}\n`;

/** `box.example.com box`: the full name, then its first label if there are several. */
function hostnameLine(hostname: string, domainname: string): string {
  const full = domainname === '' ? hostname : `${hostname}.${domainname}`;
  const first = full.split('.', 1)[0] ?? '';
  return first === full ? full : `${full} ${first}`;
}
