/** mangle: segment sizes, for paths that swallow the ICMP messages of path MTU discovery. */
import { jumpsOf, type TableRules } from './rules.ts';
import { rule, type Sight } from './sight.ts';

export function mangleTable({ settings, bridges, family }: Sight): TableRules {
  const empty: TableRules = { name: 'mangle', own: [], users: [], shared: [], policies: {} };
  if (!settings.clampMss) return empty;
  const rules = bridges.flatMap(({ link, name }) => {
    const why = `TCP through ${name} agrees on segments that fit the path, even where ICMP is blocked.`;
    const opening = { protocol: 'tcp', opening: true } as const;
    return [
      rule({ out: link, ...opening }, { act: 'clampMss' }, why),
      rule({ in: link, ...opening }, { act: 'clampMss' }, why),
    ];
  });
  return { ...empty, own: [{ name: 'SEAWAY-MSS', rules }], shared: jumpsOf('mangle', family) };
}
