/** Addresses of links. */
import { familyOf } from '../net/family.ts';
import type { Kind } from './kind.ts';
import { isOurs } from './owner.ts';
import { ranks } from './ranks.ts';

export const address: Kind<'address'> = {
  key: ({ ns, link, address: text }) => `${ns}/address/${link}/${text}`,
  rank: () => ranks.address,
  print: ({ link, address: text }) => [`${familyOf(text) === 6 ? 'inet6' : 'inet'} ${text} dev ${link}`],
  differences: (_, { lacks = [] }) =>
    lacks.map((field) => ({ field, desired: 'there', observed: 'gone', inPlace: true })),
  /**
   * All addresses of the engine's bridges are the engine's, except the link-local ones that the kernel assigns.
   * Inside a sandbox a process may have added addresses (keepalived's virtual address): those stay.
   */
  removable: ({ linkType, alias, scope }) => linkType === 'bridge' && isOurs(alias) && scope === 'global',
  goesWith: ({ ns, link }) => [{ ns, link }],
};
