/** mangle: clamps TCP segment sizes, for paths that drop the ICMP messages of path MTU discovery. */

import { type Bridge, type FamilyInput, rule } from './family-input.ts';
import { onceEach } from './once.ts';
import { jumpsOf, type TableRules } from './rules.ts';

export function mangleTable({ settings, bridges, family }: FamilyInput): TableRules {
  const empty: TableRules = { name: 'mangle', own: [], users: [], shared: [], policies: {} };
  if (!settings.clampMss) return empty;
  return {
    ...empty,
    own: [{ name: 'SEAWAY-MSS', rules: bridges.flatMap(clamp) }],
    shared: jumpsOf('mangle', family),
  };
}

const clamp = onceEach(({ link, name }: Bridge) => {
  const why = `TCP through ${name} agrees on segments that fit the path, even where ICMP is blocked.`;
  const opening = { protocol: 'tcp', opening: true } as const;
  return [
    rule({ out: link, ...opening }, { act: 'clampMss' }, why),
    rule({ in: link, ...opening }, { act: 'clampMss' }, why),
  ];
});
