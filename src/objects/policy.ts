/** Default routes for packets with a mark, each by a routing table of its own. */
import { compareFields, type Kind } from './kind.ts';
import { ranks } from './ranks.ts';

const hex = (value: number): string => `0x${value.toString(16)}`;

export const policy: Kind<'policy'> = {
  key: ({ ns, family, table }) => `${ns}/policy/${family}/${table}`,
  rank: () => ranks.policy,
  print({ family, priority, mark, mask, table, link, gateway }) {
    const six = family === 6 ? '-6 ' : '';
    return [
      `${six}rule ${priority}: from all fwmark ${hex(mark)}/${hex(mask)} lookup ${table} proto 94`,
      `${six}default via ${gateway} dev ${link} table ${table} proto 94`,
    ];
  },
  differences: (desired, observed) => [
    ...compareFields(
      { gateway: [desired.gateway, observed.gateway], link: [desired.link, observed.link] },
      true,
    ),
    ...compareFields(
      {
        priority: [desired.priority, observed.priority],
        mark: [desired.mark, observed.mark],
        mask: [desired.mask, observed.mask],
      },
      true,
    ),
  ],
  removable: () => true,
  goesWith: () => [],
};
