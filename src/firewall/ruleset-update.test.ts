import { expect, test } from 'vitest';
import { scenarios } from '../../test/golden/firewall/scenarios.ts';
import type { RulesetObject } from '../objects/object.ts';
import { rulesetDigest } from '../objects/ruleset.ts';
import type { PublishedPort } from './input.ts';
import { obeyTables } from './obey.ts';
import { rulesetUpdate } from './ruleset-update.ts';

const base = scenarios.find(({ input }) => input.ports.length > 0)?.input;
const [known] = base?.ports ?? [];
if (!base || !known) throw new Error('no situation with a published port');

function tables(...ports: readonly Partial<PublishedPort>[]): RulesetObject {
  const obeying = ports.map((port) => ({ ...known, policy: 'host' as const, ...port }) as PublishedPort);
  const made = obeyTables({ ...base, ports: obeying } as typeof base & object, [4, 6]);
  if (!made) throw new Error('no port obeys');
  return made;
}

const [one, two] = [{ hostPort: 8081 }, { hostPort: 8082, hostPortEnd: 8090 }];
const digestsOf = (...some: readonly RulesetObject[]) =>
  `delete chain ip seaway-obey digest-${rulesetDigest(some[0] ?? tables(one))}\nadd chain ip seaway-obey digest-${rulesetDigest(some[1] ?? tables(one))}\n`;

test('a port that comes is an element, and so is one that goes', () => {
  const [before, after] = [tables(one), tables(one, two)];
  expect(rulesetUpdate(before, after)).toBe(
    `add element ip seaway-obey ports { tcp . 8082-8090 }\n${digestsOf(before, after)}`,
  );
  expect(rulesetUpdate(after, before)).toBe(
    `delete element ip seaway-obey ports { tcp . 8082-8090 }\n${digestsOf(after, before)}`,
  );
});

test('sets of every address and of one address are told apart', () => {
  const [before, after] = [tables(one), tables(one, { ...two, hostIP: '198.51.100.2' })];
  expect(rulesetUpdate(before, after)).toContain('places { 198.51.100.2 . tcp . 8082-8090 }');
});

test('a table that comes, or has other rules, is not a matter of elements', () => {
  const before = tables(one);
  const { ip = '' } = before.tables;
  expect(rulesetUpdate(before, { ...before, tables: { ip, ip6: ip } })).toBeUndefined();
  expect(rulesetUpdate({ ...before, tables: { ip, ip6: ip } }, before)).toBeUndefined();
  expect(rulesetUpdate(before, { ...before, tables: { ip: ip.replace('accept', 'drop') } })).toBeUndefined();
});
