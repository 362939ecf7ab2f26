/**
 * What was there before the engine, kept among the keys of its rules so that it can be given back: policies that it
 * has changed (`policy filter FORWARD ACCEPT DROP`) and tables that it has made (`table raw`).
 */
import type { Ruleset } from '../rules.ts';
import type { Observed, ObservedTable } from './observed.ts';

export const isMark = (key: string): boolean => key.startsWith('policy ') || key.startsWith('table ');

/** Of what the ruleset will change; `observed` is as it was before. */
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

interface PolicyBefore {
  readonly chain: string;
  readonly policy: string;
  /** What we have made of it. */
  readonly set: string;
}

export const policiesBefore = (marks: readonly string[], table: string): PolicyBefore[] =>
  marks.flatMap((mark) => {
    const [kind, of, chain = '', policy = '', set = ''] = mark.split(' ');
    return kind === 'policy' && of === table ? [{ chain, policy, set }] : [];
  });

/** Tables that the engine has made, of those that are marked. */
export const tablesMade = (marks: readonly string[]): string[] =>
  marks.flatMap((mark) => (mark.startsWith('table ') ? [mark.slice('table '.length)] : []));

/** Nothing is in it but what every table has. */
export const isBare = (table: ObservedTable): boolean =>
  [...table.values()].every(({ policy, rules }) => policy === 'ACCEPT' && rules.length === 0);
