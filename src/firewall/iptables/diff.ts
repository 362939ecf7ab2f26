/**
 * From what is wanted and what is there to the script that makes them one. Observed is what `iptables-save`
 * prints, or would print; the one memory is which rules in shared chains are ours, because nothing in the
 * kernel says so.
 */
import type { Family } from '../../net/family.ts';
import { Lists, notIn, once } from '../once.ts';
import {
  jumpsOf,
  ownChainNames,
  type Ruleset,
  type SharedRule,
  type TableName,
  type TableRules,
  tableNames,
  userChain,
} from '../rules.ts';
import { isMark, marksOf, policiesBefore } from './marks.ts';
import { type Observed, type ObservedTable, parseSave } from './observed.ts';
import { ownChainScript } from './own-chain.ts';
import { sharedChainCommands } from './shared-chain.ts';
import { iptablesText } from './text.ts';

export interface FirewallDiff {
  /** For `iptables-restore --noflush`, all or nothing per table; undefined: nothing is to be done. */
  readonly script: string | undefined;
  /**
   * Our rules in shared chains once the script has run (`nat POSTROUTING -s ...`), and what was there before
   * them (see `marks.ts`). To be kept.
   */
  readonly owned: readonly string[];
  /** `owned` before and after: to be kept while the script runs, so that a crash forgets none. */
  readonly claim: readonly string[];
}

export interface DiffOptions {
  /** Take away the user's own chain too, where it is empty, and give back the policies. */
  readonly removal?: boolean;
  /** The same each time for one family: what the diff before has written is not written again. */
  readonly lists?: Lists;
}

/**
 * @param observed output of `iptables-save` (or `ip6tables-save`), all tables; or that output read
 * @param ownedBefore `owned` (or `claim`) of the diff before
 */
export function diffFirewall(
  desired: Ruleset,
  observed: string | Observed,
  ownedBefore: readonly string[],
  options: DiffOptions = {},
): FirewallDiff {
  const { lists = new Lists() } = options;
  const saved = typeof observed === 'string' ? parseSave(observed) : observed;
  const plans = tableNames.map((name) => {
    const wanted = desired.tables.find((table) => table.name === name) ?? emptyTable(name);
    return new TablePlan(wanted, saved.get(name) ?? new Map(), { family: desired.family, lists });
  });
  const before = ownedBefore.filter((key) => !isMark(key));
  const rules = plans.flatMap((plan) => plan.owned);
  const obsolete = notIn(before, rules);
  const stray = plans
    .flatMap((plan) => plan.jumps)
    .filter((key) => !rules.includes(key) && !obsolete.includes(key));
  const marks = ownedBefore.filter(isMark);
  const parts = plans.flatMap((plan) => {
    const lines = plan.lines([...obsolete, ...stray], { ...options, marks });
    return lines.length > 0 ? [`*${plan.name}`, ...lines, 'COMMIT'] : [];
  });
  const script = parts.length > 0 ? `${parts.join('\n')}\n` : undefined;
  const kept = options.removal ? [] : [...marks, ...notIn(marksOf(desired, saved), marks)];
  const owned = [...rules, ...kept];
  return { script, owned, claim: [...owned, ...obsolete, ...(options.removal ? marks : [])] };
}

/** Takes away everything that is ours; the user's chain stays where the user has put rules into it. */
export function removeFirewall(
  family: Family,
  observed: string | Observed,
  owned: readonly string[],
): FirewallDiff {
  return diffFirewall({ family, tables: [] }, observed, owned, { removal: true });
}

const emptyTable = (name: TableName): TableRules => ({ name, own: [], users: [], shared: [], policies: {} });

const keyOf = (family: Family) =>
  once(({ chain, rule }: SharedRule, table: TableName) => `${table} ${chain} ${iptablesText(rule, family)}`);

/** What a rule in a shared chain is known by. A rule is of one table for as long as it is there. */
const keysOf = { 4: keyOf(4), 6: keyOf(6) } as const;

/** Rules of one built-in chain, by their place. */
interface Wanted {
  readonly head: string[];
  readonly tail: string[];
}

interface Written {
  readonly family: Family;
  readonly lists: Lists;
}

interface LineOptions extends DiffOptions {
  readonly marks: readonly string[];
}

class TablePlan {
  readonly name: TableName;
  /** `table CHAIN rule` of each rule that is wanted in a shared chain. */
  readonly owned: readonly string[];
  /** The same of each jump that is ours, wanted or not. */
  readonly jumps: readonly string[];
  readonly #wanted: TableRules;
  readonly #family: Family;
  readonly #lists: Lists;
  readonly #observed: ObservedTable;
  readonly #shared = new Map<string, Wanted>();

  constructor(wanted: TableRules, observed: ObservedTable, { family, lists }: Written) {
    this.name = wanted.name;
    this.#wanted = wanted;
    this.#family = family;
    this.#lists = lists;
    this.#observed = observed;
    this.owned = lists.of(`${this.name} keys`, wanted.shared, (shared) => keysOf[family](shared, this.name));
    const written = lists.of(`${this.name} shared`, wanted.shared, ({ rule }) => iptablesText(rule, family));
    for (const [i, { chain, place }] of wanted.shared.entries()) this.#want(chain, place, written[i] ?? '');
    this.jumps = jumpsOf(wanted.name, family).map((jump) => keysOf[family](jump, this.name));
  }

  /** The lines of this table, given the keys of all rules that are ours and no longer wanted. */
  lines(obsoleteKeys: readonly string[], options: LineOptions): string[] {
    const obsolete = obsoleteKeys.flatMap((key) => splitKey(key, this.name));
    const declarations = options.removal ? this.#policiesBefore(options.marks) : this.#policies();
    const commands: string[] = [];
    for (const { name, rules } of this.#wanted.own) {
      const texts = this.#lists.of(`${this.name} ${name}`, rules, (rule) => iptablesText(rule, this.#family));
      const script = ownChainScript(name, texts, this.#observed.get(name)?.rules);
      declarations.push(...script.declarations);
      commands.push(...script.commands);
    }
    for (const name of this.#wanted.users)
      if (!this.#observed.has(name)) declarations.push(`:${name} - [0:0]`);
    return [
      ...declarations,
      ...commands,
      ...this.#sharedCommands(obsolete),
      ...this.#removals(obsolete, options),
    ];
  }

  #want(chain: string, place: 'head' | 'tail', text: string): void {
    const wanted = this.#shared.get(chain) ?? { head: [], tail: [] };
    this.#shared.set(chain, wanted);
    wanted[place].push(text);
  }

  #policies(): string[] {
    return Object.entries(this.#wanted.policies)
      .filter(([chain, policy]) => this.#observed.get(chain)?.policy !== policy)
      .map(([chain, policy]) => `:${chain} ${policy} [0:0]`);
  }

  /** Of policies that are still as we have set them. */
  #policiesBefore(marks: readonly string[]): string[] {
    return policiesBefore(marks, this.name)
      .filter(({ chain, set }) => this.#observed.get(chain)?.policy === set)
      .map(({ chain, policy }) => `:${chain} ${policy} [0:0]`);
  }

  #sharedCommands(obsolete: readonly RuleInChain[]): string[] {
    const chains = new Set([...this.#shared.keys(), ...obsolete.map(([chain]) => chain)]);
    return [...chains].flatMap((chain) => {
      const { head, tail } = this.#shared.get(chain) ?? { head: [], tail: [] };
      const rules = { head, tail, obsolete: textsOf(obsolete, chain) };
      return sharedChainCommands(chain, rules, this.#observed.get(chain)?.rules ?? []);
    });
  }

  /** Chains of ours that are no longer wanted; one that somebody else still jumps to is emptied only. */
  #removals(obsolete: readonly RuleInChain[], { removal }: LineOptions): string[] {
    const wanted = new Set(this.#wanted.own.map(({ name }) => name));
    const gone = ownChainNames[this.name].filter((name) => this.#observed.has(name) && !wanted.has(name));
    if (removal && this.#isVoid(userChain)) gone.push(userChain);
    const emptied = gone.filter((name) => this.#observed.get(name)?.rules.length).map((name) => `-F ${name}`);
    // chains of ours lead to what is wanted, once the script has run
    const ours = new Set([...gone, ...wanted]);
    const removable = gone.filter((name) => !this.#isUsedByOthers(name, ours, obsolete));
    return [...emptied, ...removable.map((name) => `-X ${name}`)];
  }

  #isVoid(chain: string): boolean {
    const rules = this.#observed.get(chain)?.rules;
    return rules?.every((rule) => rule === '-j RETURN') ?? false;
  }

  #isUsedByOthers(name: string, ours: ReadonlySet<string>, obsolete: readonly RuleInChain[]): boolean {
    for (const [chain, { rules }] of this.#observed) {
      if (ours.has(chain)) continue;
      const going = new Set(textsOf(obsolete, chain));
      if (rules.some((rule) => leadsTo(rule, name) && !going.has(rule))) return true;
    }
    return false;
  }
}

/** A rule in a shared chain. */
type RuleInChain = readonly [chain: string, text: string];

const textsOf = (placed: readonly RuleInChain[], chain: string): string[] =>
  placed.flatMap(([of, text]) => (of === chain ? [text] : []));

const leadsTo = (rule: string, chain: string): boolean =>
  rule.endsWith(`-j ${chain}`) || rule.endsWith(`-g ${chain}`);

/** `nat POSTROUTING -s ...` into chain and rule, if it is of that table. */
function splitKey(key: string, table: TableName): RuleInChain[] {
  if (!key.startsWith(`${table} `)) return [];
  const rest = key.slice(table.length + 1);
  const space = rest.indexOf(' ');
  return space < 0 ? [] : [[rest.slice(0, space), rest.slice(space + 1)]];
}
