/** Values below /proc/sys/net. */
import type { Kind } from './kind.ts';
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
