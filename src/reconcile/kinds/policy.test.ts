import { expect, test } from 'vitest';
import type { Route, Rule } from '../../kernel/kernel.ts';
import type { KernelObject } from '../../objects/object.ts';
import type { Handles } from '../handles.ts';
import { policy } from './policy.ts';

const rule = (table: number, priority = 90): Rule => ({
  ...{ family: 4, priority, mark: table, mask: 0xff, table, protocol: 94 },
});

/** A host with rules of two scopes: tables 1 and 2 lead by `mesh`, table 9 by `other`; table 3 is empty. */
const handles = {
  find: () => ({
    route: {
      listRules: () => [rule(1), rule(2), rule(3), rule(9, 91)],
      listRoutes: ({ table = 0 }): Route[] =>
        table === 3 ? [] : [{ destination: '0.0.0.0/0', link: table === 9 ? 9 : 1 }],
      findLinkByIndex: (index: number) => ({ name: index === 9 ? 'other' : 'mesh' }),
    },
  }),
} as unknown as Handles;

const tablesSeen = (desired: readonly unknown[]): readonly number[] =>
  policy
    .observe({ handles, desired: desired as readonly KernelObject[], outside: [], inside: [] })
    .map(({ table }) => table);

const link = (name: string) => ({ kind: 'link', ns: 'host', name });
const ruleset = { kind: 'ruleset', ns: 'host', name: 'x' };

test('a scope has the rules whose tables lead by its links, and those that it wants', () => {
  expect(tablesSeen([link('mesh'), ruleset])).toEqual([1, 2]);
  const wanted = { kind: 'policy', ns: 'host', link: 'mesh', ...rule(3) };
  expect(tablesSeen([link('mesh'), ruleset, wanted])).toEqual([1, 2, 3]);
});

test('a ruleset alone is no reason to remove rules of others', () => {
  expect(tablesSeen([ruleset])).toEqual([]);
  expect(tablesSeen([link('new'), ruleset])).toEqual([]);
});
