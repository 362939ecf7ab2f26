/** Limits of what a link sends: token bucket filters (tc-tbf(8)). */
import { rateText } from '../net/rate.ts';
import { compareFields, type Kind } from './kind.ts';
import { ranks } from './ranks.ts';

export const qdisc: Kind<'qdisc'> = {
  key: ({ ns, link }) => `${ns}/qdisc/${link}`,
  rank: () => ranks.qdisc,
  print: ({ link, rate, burst, limit }) => [
    `qdisc tbf dev ${link} rate ${rateText(rate * 8)} burst ${burst}b limit ${limit}b`,
  ],
  differences: (desired, { rate, limit }) =>
    compareFields({ rate: [desired.rate, rate], limit: [desired.limit, limit] }, true),
  removable: () => true,
  goesWith: ({ ns, link }) => [{ ns, link }],
};
