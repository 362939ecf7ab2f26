/** Subnets between which a plugin's network carries packets itself. Plugins may give subnets of one network within another's. */
import { type Cidr, formatCidr, network, parseCidr } from '../../net/address.ts';
import { type Family, familyOf } from '../../net/family.ts';
import type { Segment } from '../input.ts';
import type { Element } from './sets.ts';

interface Pair {
  readonly from: Cidr;
  readonly to: Cidr;
}

/** The kernel refuses an element within another one of its set, so pairs within another pair are left out. */
export function segmentElements(segments: readonly Segment[], family: Family): readonly Element[] {
  const pairs = segments.flatMap(({ subnets }): readonly Pair[] => {
    const blocks = subnets.filter((subnet) => familyOf(subnet) === family).map(parseCidr);
    return blocks.flatMap((from) => blocks.map((to) => ({ from, to })));
  });
  const byKey = new Map(pairs.map((pair) => [keyOf(pair), pair]));
  const prefixes = [...new Set(pairs.map(({ from }) => from.prefix))];
  const isWithin = (pair: Pair): boolean =>
    outerPairs(pair, prefixes).some((outer) => byKey.has(keyOf(outer)));
  return Array.from(byKey, ([key, pair]): readonly Element[] =>
    isWithin(pair) ? [] : [{ set: 'segments', key }],
  ).flat();
}

const keyOf = ({ from, to }: Pair): string => `${formatCidr(from)} . ${formatCidr(to)}`;

/** All pairs of blocks of these sizes that have the pair within them. */
function outerPairs({ from, to }: Pair, prefixes: readonly number[]): readonly Pair[] {
  const around = (block: Cidr): readonly Cidr[] =>
    prefixes.filter((prefix) => prefix <= block.prefix).map((prefix) => network({ ...block, prefix }));
  return around(from)
    .flatMap((outerFrom) => around(to).map((outerTo) => ({ from: outerFrom, to: outerTo })))
    .filter((outer) => outer.from.prefix < from.prefix || outer.to.prefix < to.prefix);
}
