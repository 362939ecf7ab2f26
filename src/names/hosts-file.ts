/** /etc/hosts and /etc/hostname of a container, byte for byte as Docker (20.10) writes them. */
import type { ExtraHost } from '../model/sandbox.ts';

/** A legacy link on the default bridge: the source's address and names. */
export interface HostsLink {
  readonly address: string;
  readonly alias: string;
  /** 12 hex digits. */
  readonly shortId: string;
  readonly name: string;
}

export interface HostsInput {
  readonly hostname: string;
  readonly domainname: string;
  /** The container's own, without prefix length, by endpoint: IPv4, then IPv6. */
  readonly addresses: readonly string[];
  readonly extraHosts: readonly ExtraHost[];
  readonly links: readonly HostsLink[];
}

const everyContainers = `127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::0\tip6-localnet
ff00::0\tip6-mcastprefix
ff02::1\tip6-allnodes
ff02::2\tip6-allrouters
`;

/** The file: what every container has, added hosts, links, then its own addresses. */
export function hostsFile({ hostname, domainname, addresses, extraHosts, links }: HostsInput): string {
  const own = hostnameLine(hostname, domainname);
  const lines = [
    ...extraHosts.map(({ address, names }) => `${address}\t${names.join(' ')}`),
    ...links.map(({ address, alias, shortId, name }) => {
      return `${address}\t${[...new Set([alias, shortId, name])].join(' ')}`;
    }),
    ...(own === '' ? [] : addresses.map((address) => `${address}\t${own}`)),
  ];
  return everyContainers + lines.map((line) => `${line}\n`).join('');
}

/**
 * /etc/hosts of a container in the host's network namespace: the host's own file as it is, unless hosts
 * are added (`--add-host`): then Docker starts from an empty one.
 */
export function hostsFileOfHost(hostsOwn: string, extraHosts: readonly ExtraHost[]): string {
  if (extraHosts.length === 0) return hostsOwn;
  return hostsFile({ hostname: '', domainname: '', addresses: [], extraHosts, links: [] });
}

/** /etc/hostname. */
export const hostnameFile = (hostname: string): string => `${hostname}\n`;

/** `box.example.com box`: the full name, then the first label of it if it has more. */
function hostnameLine(hostname: string, domainname: string): string {
  const full = domainname === '' ? hostname : `${hostname}.${domainname}`;
  const first = full.split('.', 1)[0] ?? '';
  return first === full ? full : `${full} ${first}`;
}
