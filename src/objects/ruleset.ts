/** Whole tables of nftables. A chain without rules has a hash of what was written in its name. */
import { createHash } from 'node:crypto';
import { compareFields, type Kind } from './kind.ts';
import type { RulesetObject } from './object.ts';
import { ranks } from './ranks.ts';

export const rulesetDigest = ({ tables, flows }: Pick<RulesetObject, 'tables' | 'flows'>): string =>
  createHash('sha256')
    .update(JSON.stringify([tables.ip, tables.ip6, flows]))
    .digest('hex')
    .slice(0, 16);

export const ruleset: Kind<'ruleset'> = {
  key: ({ ns, name }) => `${ns}/ruleset/${name}`,
  rank: () => ranks.ruleset,
  print: ({ name, tables }) =>
    (['ip', 'ip6'] as const).flatMap((family) =>
      tables[family] === undefined
        ? []
        : [`table ${family} ${name} {`, ...tables[family].trimEnd().split('\n'), '}'],
    ),
  differences: (desired, { digest }) => compareFields({ digest: [rulesetDigest(desired), digest] }, true),
  removable: () => true,
  goesWith: () => [],
};
