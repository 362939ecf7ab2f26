/** resolv.conf (resolv.conf(5)): the host's read, a container's written as Docker (20.10) writes it. */

import type { DnsSettings } from '../model/sandbox.ts';
import { familyOf } from '../net/family.ts';

/** Address of the embedded resolver in every sandbox that it serves. */
export const resolverAddress = '127.0.0.11';

/** A resolv.conf, read. */
export interface ResolvConf {
  readonly servers: readonly string[];
  readonly search: readonly string[];
  readonly options: readonly string[];
}

/**
 * The servers that dockerd writes into a container's resolv.conf where the host's file leaves none: all
 * of them loopback addresses, which lead nowhere from another network namespace. Google's public ones.
 * Only networks without the embedded resolver need them; what it forwards goes from the host, which
 * reaches its own loopback.
 */
export const publicServers = {
  ipv4: ['8.8.8.8', '8.8.4.4'],
  ipv6: ['2001:4860:4860::8888', '2001:4860:4860::8844'],
} as const;

/** Read one. Unknown lines are passed over, as the C library does; the last `search` or `domain` counts. */
export function parseResolvConf(text: string): ResolvConf {
  const servers: string[] = [];
  const options: string[] = [];
  let search: readonly string[] = [];
  for (const line of text.split('\n')) {
    const [keyword, ...values] = line
      .replace(/[#;].*$/, '')
      .trim()
      .split(/\s+/);
    if (keyword === 'nameserver' && values[0]) servers.push(values[0]);
    else if (keyword === 'search' || keyword === 'domain') search = values;
    else if (keyword === 'options') options.push(...values);
  }
  return { servers, search, options };
}

/** The number behind `name:` among options, e.g. of `timeout:2`; undefined if it is not there. */
export function numericOption(options: readonly string[], name: string): number | undefined {
  const found = options.findLast((option) => option.startsWith(`${name}:`));
  const value = Number(found?.slice(name.length + 1));
  return found !== undefined && Number.isInteger(value) && value >= 0 ? value : undefined;
}

export interface ResolvConfInput {
  /** What was asked of the container, or of the engine for all containers. */
  readonly dns: DnsSettings;
  /** The text of the host's own file. */
  readonly host: string;
  /** Some endpoint of the container has an IPv6 address. */
  readonly ipv6: boolean;
}

/** On a user-defined network: the embedded resolver, and everything else as asked or as on the host. */
export function resolvConfWithResolver({ dns, host }: Pick<ResolvConfInput, 'dns' | 'host'>): string {
  const { search, options } = merged(dns, parseResolvConf(host));
  const ndots = options.some((option) => option.startsWith('ndots:'));
  return print({ search, servers: [resolverAddress], options: ndots ? options : [...options, 'ndots:0'] });
}

/**
 * Elsewhere: what was asked, and the host's for what was not, without servers on the host's loopback
 * (and, in a container without IPv6, without servers that only IPv6 reaches). If no server is left,
 * `publicServers`, as dockerd does; say so in the log (`fallback`).
 */
export function resolvConfDirect({ dns, host, ipv6 }: ResolvConfInput): {
  readonly text: string;
  /** The host's file left no server that the container could reach. */
  readonly fallback: boolean;
} {
  const known = parseResolvConf(host);
  const reachable = (server: string): boolean => !isLoopback(server) && (ipv6 || familyOf(server) === 4);
  const usable = known.servers.filter(reachable);
  const fallback = dns.servers.length === 0 && usable.length === 0;
  if (!fallback && !isAsked(dns)) return { text: withoutServers(host, reachable), fallback };
  const standIn = ipv6 ? [...publicServers.ipv4, ...publicServers.ipv6] : publicServers.ipv4;
  const servers = dns.servers.length > 0 ? dns.servers : fallback ? standIn : usable;
  return { text: print({ ...merged(dns, known), servers }), fallback };
}

/** The host's file as it is, comments included, without the lines of servers that are not reachable. */
function withoutServers(host: string, reachable: (server: string) => boolean): string {
  const lines = host.split('\n').filter((line) => parseResolvConf(line).servers.every(reachable));
  return lines.join('\n');
}

/** In the host's own network namespace every server of the host is reachable: its file as it is. */
export function resolvConfOfHost({ dns, host }: Pick<ResolvConfInput, 'dns' | 'host'>): string {
  if (!isAsked(dns)) return host;
  const known = parseResolvConf(host);
  const { search, options } = merged(dns, known);
  return print({ search, options, servers: dns.servers.length > 0 ? dns.servers : known.servers });
}

const isAsked = ({ servers, search, options }: DnsSettings): boolean =>
  servers.length + search.length + options.length > 0;

/** Search domains and options: as asked, else the host's. `--dns-search .` asks for none. */
function merged(dns: DnsSettings, host: ResolvConf): Pick<ResolvConf, 'search' | 'options'> {
  const search = dns.search.length > 0 ? dns.search : host.search;
  return {
    search: search.length === 1 && search[0] === '.' ? [] : search,
    options: dns.options.length > 0 ? dns.options : host.options,
  };
}

const isLoopback = (address: string): boolean => /^127\.|^::1$|^::ffff:127\./i.test(address);

function print({ search, servers, options }: ResolvConf): string {
  const lines = [
    ...servers.map((server) => `nameserver ${server}`),
    ...(search.length > 0 ? [`search ${search.join(' ')}`] : []),
    ...(options.length > 0 ? [`options ${options.join(' ')}`] : []),
  ];
  return lines.map((line) => `${line}\n`).join('');
}
