/** From networks and ports to the rules of one family. The same input gives the same rules. */
import type { Family } from '../net/family.ts';
import { readFamilyInput } from './family-input.ts';
import { filterTable } from './filter-table.ts';
import type { FirewallInput } from './input.ts';
import { mangleTable } from './mangle-table.ts';
import { natTable } from './nat-table.ts';
import { Lists } from './once.ts';
import { rawTable } from './raw-table.ts';
import type { Ruleset } from './rules.ts';

/** `lists` caches results; the caller passes the same object for each plan of a family. */
export function planFirewall(input: FirewallInput, family: Family, lists = new Lists()): Ruleset {
  const familyInput = readFamilyInput(input, family, lists);
  const tables = [
    rawTable(familyInput),
    mangleTable(familyInput),
    filterTable(familyInput),
    natTable(familyInput),
  ];
  return { family, tables: tables.filter((table) => table.own.length + table.shared.length > 0) };
}
