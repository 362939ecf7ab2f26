/** A ruleset as `iptables-restore` reads it, with the reason above each rule. */

import type { Rule, Ruleset, TableRules } from '../rules.ts';
import { iptablesText } from './text.ts';

/** Consecutive rules with the same reason share one comment. */
export function annotateRules(ruleset: Ruleset): string {
  return ruleset.tables.map((table) => annotateTable(table, ruleset.family)).join('\n');
}

function annotateTable(table: TableRules, family: Ruleset['family']): string {
  const lines = [`*${table.name}`];
  for (const [chain, policy] of Object.entries(table.policies)) lines.push(`:${chain} ${policy} [0:0]`);
  for (const chain of [...table.users, ...table.own.map(({ name }) => name)]) lines.push(`:${chain} - [0:0]`);
  const entries: (readonly [chain: string, rule: Rule])[] = [
    ...table.shared.map(({ chain, rule }) => [chain, rule] as const),
    ...table.own.flatMap(({ name, rules }) => rules.map((rule) => [name, rule] as const)),
  ];
  let why = '';
  for (const [chain, rule] of entries) {
    if (rule.why !== why) lines.push(`# ${rule.why}`);
    why = rule.why;
    lines.push(`-A ${chain} ${iptablesText(rule, family)}`);
  }
  return `${[...lines, 'COMMIT'].join('\n')}\n`;
}
