/** The chains of the engine's table. They depend on settings alone, and not on networks and ports. */
import type { Family } from '../../net/family.ts';
import type { FirewallInput } from '../input.ts';
import { arrivingChains } from './arriving-chains.ts';
import { forwardingChains } from './forward-chains.ts';
import { leavingChain, rewritingChains } from './nat-chains.ts';
import { type NftChain, rule, wordsOf } from './words.ts';

export function chainsOf(input: FirewallInput, family: Family): readonly NftChain[] {
  const words = wordsOf(family, input.settings.acceptFwmark);
  return [
    ...arrivingChains(input, words),
    ...(input.settings.clampMss ? [segmentSizes] : []),
    ...rewritingChains(words),
    leavingChain(input, words),
    ...forwardingChains(input, words),
  ];
}

const whySizes = 'TCP agrees on segments that fit the path, even where ICMP is blocked.';
const clamp = 'tcp flags & (syn | rst) == syn tcp option maxseg size set rt mtu';
const segmentSizes: NftChain = {
  name: 'segment-sizes',
  base: 'type filter hook forward priority mangle; policy accept;',
  rules: [rule(`oifname @links ${clamp}`, whySizes), rule(`iifname @links ${clamp}`, whySizes)],
};
