/** Changes that other programs made to the engine's rules, for the log. */
import type { Family } from '../../net/family.ts';
import type { Ruleset, TableRules } from '../rules.ts';
import type { Observed, ObservedTable } from './observed.ts';
import { iptablesText } from './text.ts';

/** One sentence for each deviation from the plan. */
export function describeDeviations({ tables, family }: Ruleset, observed: Observed): string[] {
  return tables.flatMap((table) => {
    const there = observed.get(table.name) ?? new Map();
    return [
      ...policies(table, there),
      ...table.own.flatMap(({ name, rules }) => {
        const wanted = rules.map((rule) => iptablesText(rule, family));
        return ownChain(`${table.name} ${name}`, wanted, there.get(name)?.rules);
      }),
      ...sharedRules(table, there, family),
    ];
  });
}

function policies(table: TableRules, there: ObservedTable): string[] {
  return Object.entries(table.policies).flatMap(([chain, wanted]) => {
    const policy = there.get(chain)?.policy ?? 'ACCEPT';
    return policy === wanted ? [] : [`${table.name} ${chain}: policy ${policy} instead of ${wanted}`];
  });
}

function ownChain(name: string, wanted: readonly string[], rules: readonly string[] | undefined): string[] {
  if (!rules) return [`${name} was removed`];
  const known = new Set(wanted);
  const present = new Set(rules);
  const added = rules.filter((rule) => !known.has(rule)).map((rule) => `${name}: "${rule}" was added`);
  const removed = wanted.filter((rule) => !present.has(rule)).map((rule) => `${name}: "${rule}" was removed`);
  if (added.length + removed.length > 0) return [...added, ...removed];
  const same = rules.length === wanted.length && rules.every((rule, index) => rule === wanted[index]);
  return same ? [] : [`${name}: the order was changed`];
}

/** Only the engine's rules are compared. */
function sharedRules(table: TableRules, there: ObservedTable, family: Family): string[] {
  const heads = new Map<string, number>();
  return table.shared.flatMap(({ chain, place, rule }) => {
    const name = `${table.name} ${chain}`;
    const text = iptablesText(rule, family);
    const rules = there.get(chain)?.rules ?? [];
    const at = heads.get(chain) ?? 0;
    if (place === 'head') heads.set(chain, at + 1);
    if (!rules.includes(text)) return [`${name}: "${text}" was removed`];
    return place === 'head' && rules[at] !== text ? [`${name}: "${text}" was moved`] : [];
  });
}
