/** Values below /proc/sys/net. */
import type { Kind } from './kind.ts';
import type { SysctlObject } from './object.ts';
import { ranks } from './ranks.ts';

const nameOf = (key: string): string =>
  /^net\/(?:ipv4|ipv6|mpls)\/(?:conf|neigh)\/([^/]+)\//.exec(key)?.[1] ?? '';

/** The kernel shows lists with tabs and ends lines; `ip_local_port_range` is `32768\t60999`. */
const normalise = (value: string): string => value.trim().replace(/\s+/g, ' ');

/**
 * A key as users write it, with slashes. As sysctl(8): where the first separator is a slash, dots are part
 * of names (`net/ipv4/conf/eth0.100/forwarding`).
 */
export function sysctlPath(key: string): string {
  const dot = key.indexOf('.');
  const slash = key.indexOf('/');
  if (slash >= 0 && (dot < 0 || slash < dot)) return key;
  return key.replace(/[./]/g, (separator) => (separator === '.' ? '/' : '.'));
}

/** The link that a value is of, by its folder; '' for none. */
export const linkOfSysctl = (key: string): string =>
  ['all', 'default'].includes(nameOf(key)) ? '' : nameOf(key);

/**
 * Whether it is as wanted where the link has no such value: Linux takes IPv6 and all of its values from a link whose
 * MTU is below 1280 (RFC 8200 section 5; `addrconf_notify`, net/ipv6/addrconf.c).
 */
export const holdsWithoutIPv6 = ({ key, value }: Pick<SysctlObject, 'key' | 'value'>): boolean =>
  (/^net\/ipv6\/conf\/[^/]+\/disable_ipv6$/.test(key) && value === '1') ||
  (/^net\/ipv6\/conf\/[^/]+\/accept_ra$/.test(key) && value === '0');

export const sysctl: Kind<'sysctl'> = {
  key: ({ ns, key }) => `${ns}/sysctl/${key}`,
  rank: ({ key }) => (['', 'all', 'default'].includes(nameOf(key)) ? ranks.sysctl : ranks.linkSysctl),
  print: ({ key, value }) => [`${key} = ${value}`],
  differences: (desired, observed) =>
    normalise(desired.value) === normalise(observed.value)
      ? []
      : [{ field: 'value', desired: desired.value, observed: observed.value, inPlace: true }],
  removable: () => false,
  goesWith: ({ ns, key }) => [{ ns, link: nameOf(key) }],
};
