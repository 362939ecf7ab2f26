/** Routes of the main table, one per destination; the engine uses no metrics. */
import { familyOf } from '../net/family.ts';
import { compareFields, type Kind } from './kind.ts';
import { ranks } from './ranks.ts';

const everywhere = (destination: string): boolean => destination === '0.0.0.0/0' || destination === '::/0';

export const route: Kind<'route'> = {
  key: ({ ns, destination }) => `${ns}/route/${destination}`,
  rank: () => ranks.route,
  print({ destination, gateway, link }) {
    const family = familyOf(destination) === 6 ? '-6 ' : '';
    const target = everywhere(destination) ? 'default' : destination;
    return [`${family}${target}${gateway ? ` via ${gateway}` : ''} dev ${link} proto 94`];
  },
  /** A route that another program put in its place is left alone. */
  differences: (desired, observed) =>
    observed.ours
      ? compareFields(
          { gateway: [desired.gateway, observed.gateway], link: [desired.link, observed.link] },
          true,
        )
      : [],
  removable: ({ ours }) => ours,
  goesWith: ({ ns, link }) => [{ ns, link }],
};
