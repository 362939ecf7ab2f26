/**
 * Marks for what removal restores, stored among the keys of the engine's rules: policies that it changed
 * (`policy filter FORWARD ACCEPT DROP`) and tables that it made (`table raw`).
 */
import type { Ruleset } from '../rules.ts';
import type { Observed, ObservedTable } from './observed.ts';

export const isMark = (key: string): boolean => key.startsWith('policy ') || key.startsWith('table ');

/** Marks for a ruleset; `observed` is the state before it is applied. */
export function marksOf({ tables }: Ruleset, observed: Observed): string[] {
  return tables.flatMap(({ name, policies }) => {
    const there = observed.get(name);
    const changed = Object.entries(policies).flatMap(([chain, set]) => {
      const policy = there?.get(chain)?.policy ?? 'ACCEPT';
      return policy === set ? [] : [`policy ${name} ${chain} ${policy} ${set}`];
    });
    return there ? changed : [`table ${name}`, ...changed];
  });
}

/** Whether a mark still tells of a change that the ruleset wants. */
export function isWanted(mark: string, { tables }: Ruleset): boolean {
  const [kind, name = '', chain = ''] = mark.split(' ');
  return kind !== 'policy' || tables.some((table) => table.name === name && chain in table.policies);
}

interface PolicyBefore {
  readonly chain: string;
  readonly policy: string;
  /** The policy that the engine set. */
  readonly set: string;
}

export const policiesBefore = (marks: readonly string[], table: string): PolicyBefore[] =>
  marks.flatMap((mark) => {
    const [kind, of, chain = '', policy = '', set = ''] = mark.split(' ');
    return kind === 'policy' && of === table ? [{ chain, policy, set }] : [];
  });

/** Tables that are marked as made by the engine. */
export const tablesMade = (marks: readonly string[]): string[] =>
  marks.flatMap((mark) => (mark.startsWith('table ') ? [mark.slice('table '.length)] : []));

/** Whether a table has only empty built-in chains with policy ACCEPT. */
export const isBare = (table: ObservedTable): boolean =>
  [...table.values()].every(({ policy, rules }) => policy === 'ACCEPT' && rules.length === 0);
