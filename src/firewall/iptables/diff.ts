/**
 * The script that turns observed rules into desired ones. Observed is the output of `iptables-save`. The only
 * state is the list of the engine's rules in shared chains, which nothing in the kernel marks.
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
import { isMark, isWanted, marksOf, policiesBefore } from './marks.ts';
import { type Observed, type ObservedTable, parseSave } from './observed.ts';
import { ownChainScript } from './own-chain.ts';
import { sharedChainCommands } from './shared-chain.ts';
import { iptablesText } from './text.ts';

export interface FirewallDiff {
  /** For `iptables-restore --noflush`, which applies each table as a whole; undefined where nothing has to change. */
  readonly script: string | undefined;
  /**
   * The engine's rules in shared chains once the script has run (`nat POSTROUTING -s ...`), and the marks of
   * `marks.ts`. The caller stores it.
   */
  readonly owned: readonly string[];
  /** `owned` before and after, to be stored before the script runs, so that a crash forgets none. */
  readonly claim: readonly string[];
}

export interface DiffOptions {
  /** Also remove the user's chain if it is empty. */
  readonly removal?: boolean;
  /** Restore former policies that are not wanted any more; by default they are left alone. */
  readonly givesPoliciesBack?: boolean;
  /** Caches texts; the caller passes the same object for each diff of a family. */
  readonly lists?: Lists;
}

/**
 * @param observed output of `iptables-save` (or `ip6tables-save`) for all tables, as text or parsed
 * @param ownedBefore `owned` (or `claim`) of the previous diff
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
  const staying = options.givesPoliciesBack ? marks.filter((mark) => isWanted(mark, desired)) : marks;
  const kept = options.removal ? [] : [...staying, ...notIn(marksOf(desired, saved), marks)];
  const owned = [...rules, ...kept];
  return { script, owned, claim: [...owned, ...obsolete, ...notIn(marks, kept)] };
}

/** Removes everything of the engine; the user's chain stays if it has rules. */
export function removeFirewall(
  family: Family,
  observed: string | Observed,
  owned: readonly string[],
): FirewallDiff {
  return diffFirewall({ family, tables: [] }, observed, owned, { removal: true, givesPoliciesBack: true });
}

const emptyTable = (name: TableName): TableRules => ({ name, own: [], users: [], shared: [], policies: {} });

const keyOf = (family: Family) =>
  once(({ chain, rule }: SharedRule, table: TableName) => `${table} ${chain} ${iptablesText(rule, family)}`);

/** The key of a rule in a shared chain. */
const keysOf = { 4: keyOf(4), 6: keyOf(6) } as const;

/** Wanted rules of one built-in chain. */
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
  /** Key `table CHAIN rule` of each rule that is wanted in a shared chain. */
  readonly owned: readonly string[];
  /** Keys of the engine's jumps, wanted or not. */
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

  /** The lines of this table; `obsoleteKeys` are the engine's rules that are no longer wanted. */
  lines(obsoleteKeys: readonly string[], options: LineOptions): string[] {
    const obsolete = obsoleteKeys.flatMap((key) => splitKey(key, this.name));
    const before = options.givesPoliciesBack ? this.#policiesBefore(options.marks) : [];
    const declarations = [...before, ...this.#policies()];
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

  /** Restores policies that are no longer wanted and still have the engine's value. */
  #policiesBefore(marks: readonly string[]): string[] {
    return policiesBefore(marks, this.name)
      .filter(
        ({ chain, set }) => !(chain in this.#wanted.policies) && this.#observed.get(chain)?.policy === set,
      )
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

  /** Removes the engine's unwanted chains; a chain that a rule of another program jumps to is only emptied. */
  #removals(obsolete: readonly RuleInChain[], { removal }: LineOptions): string[] {
    const wanted = new Set(this.#wanted.own.map(({ name }) => name));
    const gone = ownChainNames[this.name].filter((name) => this.#observed.has(name) && !wanted.has(name));
    if (removal && this.#isVoid(userChain)) gone.push(userChain);
    const emptied = gone.filter((name) => this.#observed.get(name)?.rules.length).map((name) => `-F ${name}`);
    // the engine's chains have only wanted jumps once the script has run
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

/** Splits the key `nat POSTROUTING -s ...` into chain and rule; empty for another table. */
function splitKey(key: string, table: TableName): RuleInChain[] {
  if (!key.startsWith(`${table} `)) return [];
  const rest = key.slice(table.length + 1);
  const space = rest.indexOf(' ');
  return space < 0 ? [] : [[rest.slice(0, space), rest.slice(space + 1)]];
}
