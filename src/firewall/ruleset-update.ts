/** From one whole table of nftables to another where only elements of sets differ: chains and their hooks stay. */
import type { RulesetObject } from '../objects/object.ts';
import { rulesetDigest } from '../objects/ruleset.ts';

const families = ['ip', 'ip6'] as const;

const elements = /^ {4}elements = \{ (.*) \}\n/gm;
const set = /^ {2}set (\S+) \{\n {4}type [^;]+;.*\n(?: {4}elements = \{ (.*) \}\n)?/gm;

/**
 * Commands for nft(8), one transaction. Undefined where more differs. Replacing a table costs the kernel a wait of 10 ms or
 * more for all packets that are on their way through its hooks.
 */
export function rulesetUpdate(before: RulesetObject, after: RulesetObject): string | undefined {
  const commands: string[] = [];
  const digests = [before, after].map((one) => `digest-${rulesetDigest(one)}`);
  for (const family of families) {
    const [was, is] = [before.tables[family], after.tables[family]];
    if (was === undefined && is === undefined) continue;
    if (was?.replace(elements, '') !== is?.replace(elements, '') || was === undefined || is === undefined)
      return undefined;
    const table = `${family} ${after.name}`;
    const [old, now] = [elementsOf(was), elementsOf(is)];
    for (const [name, some] of now) {
      const [gone, come] = [minus(old.get(name), some), minus(some, old.get(name))];
      if (gone.length > 0) commands.push(`delete element ${table} ${name} { ${gone.join(', ')} }\n`);
      if (come.length > 0) commands.push(`add element ${table} ${name} { ${come.join(', ')} }\n`);
    }
    commands.push(`delete chain ${table} ${digests[0]}\nadd chain ${table} ${digests[1]}\n`);
  }
  return commands.join('');
}

const elementsOf = (text: string): ReadonlyMap<string, ReadonlySet<string>> =>
  new Map(
    Array.from(text.matchAll(set), ([, name = '', all]) => [name, new Set(all ? all.split(', ') : [])]),
  );

const minus = (some: ReadonlySet<string> = new Set(), others: ReadonlySet<string> = new Set()): string[] =>
  [...some].filter((one) => !others.has(one));
