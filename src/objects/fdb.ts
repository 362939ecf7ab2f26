/** Forwarding entries of VXLAN links: MAC address to remote host; 00:00:00:00:00:00 is the default and may repeat. */
import type { Kind } from './kind.ts';
import { isOurs } from './owner.ts';
import { ranks } from './ranks.ts';

export const fdb: Kind<'fdb'> = {
  key: ({ ns, link, mac, to }) => `${ns}/fdb/${link}/${mac}/${to}`,
  rank: () => ranks.neighbour,
  print: ({ link, mac, to }) => [`${mac} dev ${link} dst ${to} self permanent`],
  differences: () => [],
  removable: ({ alias }) => isOurs(alias),
  goesWith: ({ ns, link }) => [{ ns, link }],
};
