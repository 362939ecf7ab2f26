/** resolv.conf(5): parses the host's, prints a container's as Docker 20.10 does. */

import type { DnsSettings } from '../model/sandbox.ts';
import { familyOf } from '../net/family.ts';

/** Address of the embedded resolver in every sandbox that it serves. */
export const resolverAddress = '127.0.0.11';

/** A parsed resolv.conf. */
export interface ResolvConf {
  readonly servers: readonly string[];
  readonly search: readonly string[];
  readonly options: readonly string[];
}

/**
 * Google's public servers, which dockerd writes into a container's resolv.conf where the host's file has only
 * loopback addresses, unreachable from another network namespace. Only networks without the embedded resolver
 * need them: that forwards from the host, which reaches its own loopback.
 */
export const publicServers = {
  ipv4: ['8.8.8.8', '8.8.4.4'],
  ipv6: ['2001:4860:4860::8888', '2001:4860:4860::8844'],
} as const;

/** Unknown lines are ignored, as in the C library; the last `search` or `domain` counts. */
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

/** The number of an option `name:number`, such as `timeout:2`; undefined without a valid one. */
export function numericOption(options: readonly string[], name: string): number | undefined {
  const found = options.findLast((option) => option.startsWith(`${name}:`));
  const value = Number(found?.slice(name.length + 1));
  return found !== undefined && Number.isInteger(value) && value >= 0 ? value : undefined;
}

export interface ResolvConfInput {
  /** Settings of the container, or of the engine for all containers. */
  readonly dns: DnsSettings;
  /** The text of the host's own file. */
  readonly host: string;
  /** An endpoint of the container has an IPv6 address. */
  readonly ipv6: boolean;
}

/** On a user-defined network: the embedded resolver, everything else from the settings or the host. */
export function resolvConfWithResolver({ dns, host }: Pick<ResolvConfInput, 'dns' | 'host'>): string {
  const { search, options } = merged(dns, parseResolvConf(host));
  const ndots = options.some((option) => option.startsWith('ndots:'));
  return print({ search, servers: [resolverAddress], options: ndots ? options : [...options, 'ndots:0'] });
}

/**
 * Elsewhere: the settings, and the host's where there are none, without servers on the host's loopback
 * and, in a container without IPv6, without IPv6 servers. If no server is left, `publicServers` as in
 * dockerd; the caller logs that (`fallback`).
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

/** The host's file with its comments, without the lines of unreachable servers. */
function withoutServers(host: string, reachable: (server: string) => boolean): string {
  const lines = host.split('\n').filter((line) => parseResolvConf(line).servers.every(reachable));
  return lines.join('\n');
}

/** In the host's network namespace, where every server of the host is reachable. */
export function resolvConfOfHost({ dns, host }: Pick<ResolvConfInput, 'dns' | 'host'>): string {
  if (!isAsked(dns)) return host;
  const known = parseResolvConf(host);
  const { search, options } = merged(dns, known);
  return print({ search, options, servers: dns.servers.length > 0 ? dns.servers : known.servers });
}

const isAsked = ({ servers, search, options }: DnsSettings): boolean =>
  servers.length + search.length + options.length > 0;

/** Search domains and options: the settings, else the host's. `--dns-search .` means none. */
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
