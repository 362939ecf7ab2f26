/** iptables as a backend: one `iptables-restore` per family and change. */
import { describeDeviations } from '../../firewall/iptables/changes.ts';
import { diffFirewall, type FirewallDiff, removeFirewall } from '../../firewall/iptables/diff.ts';
import { isBare, tablesMade } from '../../firewall/iptables/marks.ts';
import { Lists, notIn } from '../../firewall/once.ts';
import type { Comparison, FilterChange, PacketFilter } from '../../firewall/packet-filter.ts';
import { planFirewall } from '../../firewall/plan.ts';
import { countRules } from '../../firewall/rules.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Family } from '../../net/family.ts';
import { type IptablesKernel, IptablesRules, type ReadRules } from './iptables-rules.ts';

export interface IptablesChange extends FilterChange {
  readonly script: string | undefined;
  /** Tables to remove if they are empty. */
  readonly tables: readonly string[];
}

export class IptablesFilter implements PacketFilter<ReadRules, IptablesChange> {
  readonly #rules: IptablesRules;
  readonly #kernel: Pick<Kernel, 'host'>;
  readonly #lists: Readonly<Record<Family, Lists>> = { 4: new Lists(), 6: new Lists() };

  constructor(kernel: IptablesKernel & Pick<Kernel, 'host'>) {
    this.#kernel = kernel;
    this.#rules = new IptablesRules(kernel);
  }

  observe(family: Family): Promise<ReadRules> {
    return this.#rules.read(family);
  }

  difference(observed: ReadRules, comparison: Comparison): IptablesChange {
    const { family, desired, owned } = comparison;
    if (!desired)
      return changeOf(removeFirewall(family, observed.rules, owned), { tables: tablesMade(owned) });
    const lists = this.#lists[family];
    const wanted = planFirewall(desired, family, lists);
    const diff = diffFirewall(wanted, observed.rules, owned, { lists });
    const { left, rules } = observed;
    const byOthers =
      left && diff.script ? notIn(describeDeviations(wanted, rules), describeDeviations(wanted, left)) : [];
    return changeOf(diff, { byOthers, rules: countRules(wanted) });
  }

  async apply(family: Family, { script, tables }: IptablesChange): Promise<void> {
    if (script !== undefined) await this.#rules.restore(family, script);
    if (tables.length > 0) await this.#dropTables(family, tables);
  }

  isAsLeft(): boolean {
    return this.#rules.isAsLeft();
  }

  forget(): void {
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

const changeOf = (
  { script, owned, claim }: FirewallDiff,
  { byOthers = [], tables = [], rules = 0 }: Partial<Pick<IptablesChange, 'byOthers' | 'tables' | 'rules'>>,
): IptablesChange => ({
  actions: script === undefined ? 0 : script.split('\n').length - 1,
  script,
  rules,
  owned,
  claim,
  byOthers,
  tables,
});
