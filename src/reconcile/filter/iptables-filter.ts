/** iptables as a backend: one `iptables-restore` per family and change. */
import { describeDeviations } from '../../firewall/iptables/changes.ts';
import { diffFirewall, type FirewallDiff, removeFirewall } from '../../firewall/iptables/diff.ts';
import { isBare, tablesMade } from '../../firewall/iptables/marks.ts';
import { tableName, tableOf } from '../../firewall/nftables/sets.ts';
import { Lists, notIn } from '../../firewall/once.ts';
import type { Comparison, FilterChange, PacketFilter } from '../../firewall/packet-filter.ts';
import { planFirewall } from '../../firewall/plan.ts';
import { countRules, type Ruleset } from '../../firewall/rules.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { type Family, families } from '../../net/family.ts';
import { type IptablesKernel, IptablesRules, type ReadRules } from './iptables-rules.ts';

export interface IptablesChange extends FilterChange {
  readonly script: string | undefined;
  /** Tables to remove if they are empty. */
  readonly tables: readonly string[];
  /** Whether the table of the nftables backend is to be removed. */
  readonly otherTable: boolean;
}

type FilterKernel = IptablesKernel & Pick<Kernel, 'host' | 'nftables'>;

interface Options {
  /** What there is to be; all rules by default. */
  readonly plan?: typeof planFirewall;
  /** False beside another backend: its table stays, and policies of FORWARD are given back. */
  readonly isAlone?: boolean;
}

export class IptablesFilter implements PacketFilter<ReadRules, IptablesChange> {
  readonly #rules: IptablesRules;
  readonly #kernel: FilterKernel;
  readonly #plan: typeof planFirewall;
  readonly #isAlone: boolean;
  readonly #lists: Readonly<Record<Family, Lists>> = { 4: new Lists(), 6: new Lists() };
  /** Families in which the nftables backend may have left its table. */
  readonly #unsure: Set<Family>;

  constructor(kernel: FilterKernel, { plan = planFirewall, isAlone = true }: Options = {}) {
    this.#kernel = kernel;
    this.#plan = plan;
    this.#isAlone = isAlone;
    this.#rules = new IptablesRules(kernel);
    this.#unsure = new Set(isAlone ? families : []);
  }

  async observe(family: Family): Promise<ReadRules> {
    const rules = await this.#rules.read(family);
    return this.#hasOtherTable(family) ? { ...rules, otherTable: true } : rules;
  }

  difference(observed: ReadRules, comparison: Comparison): IptablesChange {
    const { family, desired, owned } = comparison;
    const { otherTable = false } = observed;
    if (!desired)
      return changeOf(removeFirewall(family, observed.rules, owned), {
        tables: tablesMade(owned),
        otherTable,
      });
    const lists = this.#lists[family];
    const wanted = this.#plan(desired, family, lists);
    const diff = diffFirewall(wanted, observed.rules, owned, { lists, givesPoliciesBack: !this.#isAlone });
    const { left, rules } = observed;
    const byOthers =
      left && diff.script ? notIn(describeDeviations(wanted, rules), describeDeviations(wanted, left)) : [];
    const tables = this.#isAlone ? [] : idleTables(wanted, owned);
    const kept = diff.owned.filter((one) => !tablesMade([one]).some((name) => tables.includes(name)));
    return changeOf({ ...diff, owned: kept }, { byOthers, tables, otherTable, rules: countRules(wanted) });
  }

  async apply(family: Family, { script, tables, otherTable }: IptablesChange): Promise<void> {
    if (script !== undefined) await this.#rules.restore(family, script);
    if (otherTable) this.#dropOtherTable(family);
    if (tables.length > 0) await this.#dropTables(family, tables);
  }

  isAsLeft(): boolean {
    return this.#rules.isAsLeft();
  }

  forget(): void {
    this.#rules.forget();
  }

  #hasOtherTable(family: Family): boolean {
    if (!this.#unsure.has(family)) return false;
    if (this.#kernel.nftables.hasTable({ family, name: tableName })) return true;
    this.#unsure.delete(family);
    return false;
  }

  #dropOtherTable(family: Family): void {
    this.#kernel.host.nft(`delete table ${tableOf(family)}`);
    this.#rules.forget();
  }

  /** By nft, because iptables can only empty tables; those of the legacy variant go with its kernel modules. */
  async #dropTables(family: Family, names: readonly string[]): Promise<void> {
    const { rules } = await this.#rules.read(family);
    const bare = names.filter((name) => rules.has(name) && isBare(rules.get(name) ?? new Map()));
    if (bare.length === 0 || !this.#rules.isCurrent(family)) return;
    this.#kernel.host.nft(
      bare.map((name) => `delete table ${family === 4 ? 'ip' : 'ip6'} ${name}`).join('\n'),
    );
    this.#rules.forget();
  }
}

/** Tables that the other backend has made here. */
const idleTables = ({ tables }: Ruleset, owned: readonly string[]): readonly string[] =>
  tablesMade(owned).filter((name) => tables.every((table) => table.name !== name));

const changeOf = (
  { script, owned, claim }: FirewallDiff,
  {
    byOthers = [],
    tables = [],
    otherTable = false,
    rules = 0,
  }: Partial<Pick<IptablesChange, 'byOthers' | 'tables' | 'otherTable' | 'rules'>>,
): IptablesChange => ({
  actions: (script === undefined ? 0 : script.split('\n').length - 1) + Number(otherTable) + tables.length,
  script,
  rules,
  owned,
  claim,
  byOthers,
  tables,
  otherTable,
});
