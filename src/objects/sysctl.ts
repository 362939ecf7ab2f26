/** Values below /proc/sys/net. */
import type { Kind } from './kind.ts';
import type { SysctlObject } from './object.ts';
import { ranks } from './ranks.ts';

const nameOf = (key: string): string =>
  /^net\/(?:ipv4|ipv6|mpls)\/(?:conf|neigh)\/([^/]+)\//.exec(key)?.[1] ?? '';

/** The kernel separates lists by tabs and ends lines: `32768\t60999\n` for `ip_local_port_range`. */
const normalise = (value: string): string => value.trim().replace(/\s+/g, ' ');

/**
 * Converts a key to slashes, as sysctl(8) does: where the first separator is a slash, dots belong to
 * names (`net/ipv4/conf/eth0.100/forwarding`).
 */
export function sysctlPath(key: string): string {
  const dot = key.indexOf('.');
  const slash = key.indexOf('/');
  if (slash >= 0 && (dot < 0 || slash < dot)) return key;
  return key.replace(/[./]/g, (separator) => (separator === '.' ? '/' : '.'));
}

/** The link whose folder has the key; '' for none. */
export const linkOfSysctl = (key: string): string =>
  ['all', 'default'].includes(nameOf(key)) ? '' : nameOf(key);

/**
 * Whether a link without IPv6 meets the value: Linux removes IPv6 and its sysctls from a link whose MTU is below
 * 1280 (RFC 8200 section 5; `addrconf_notify`, net/ipv6/addrconf.c).
 */
export const holdsWithoutIPv6 = ({ key, value }: Pick<SysctlObject, 'key' | 'value'>): boolean =>
  (/^net\/ipv6\/conf\/[^/]+\/disable_ipv6$/.test(key) && value === '1') ||
  (/^net\/ipv6\/conf\/[^/]+\/accept_ra$/.test(key) && value === '0');

export const sysctl: Kind<'sysctl'> = {
  key: ({ ns, key }) => `${ns}/sysctl/${key}`,
  rank: ({ key }) => (linkOfSysctl(key) === '' ? ranks.sysctl : ranks.linkSysctl),
  print: ({ key, value }) => [`${key} = ${value}`],
  differences: (desired, observed) =>
    normalise(desired.value) === normalise(observed.value)
      ? []
      : [{ field: 'value', desired: desired.value, observed: observed.value, inPlace: true }],
  removable: () => false,
  goesWith: ({ ns, key }) => [{ ns, link: nameOf(key) }],
};
