/** Permanent neighbour entries, which need no ARP or neighbour discovery. */
import { compareFields, type Kind } from './kind.ts';
import { isOurs } from './owner.ts';
import { ranks } from './ranks.ts';

export const neighbour: Kind<'neighbour'> = {
  key: ({ ns, link, address }) => `${ns}/neighbour/${link}/${address}`,
  rank: () => ranks.neighbour,
  print: ({ link, address, mac }) => [`${address} dev ${link} lladdr ${mac} PERMANENT`],
  differences: (desired, observed) => compareFields({ mac: [desired.mac, observed.mac] }, true),
  removable: ({ alias }) => isOurs(alias),
  goesWith: ({ ns, link }) => [{ ns, link }],
};
