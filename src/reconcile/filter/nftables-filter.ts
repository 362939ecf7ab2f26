/**
 * nftables as a backend: a table of the engine's own for each family, changed in process. Where iptables is installed,
 * its chain DOCKER-USER exists there as with the other backend: what it drops is dropped.
 */
import { fail, hasCode } from '../../errors.ts';
import { policiesBefore } from '../../firewall/iptables/marks.ts';
import { tableOf } from '../../firewall/nftables/sets.ts';
import type { Comparison, FilterChange, PacketFilter } from '../../firewall/packet-filter.ts';
import { planUserChain } from '../../firewall/user-chain.ts';
import type { RulesetChanges } from '../../kernel/doors.ts';
import { type Family, families } from '../../net/family.ts';
import { type IptablesChange, IptablesFilter } from './iptables-filter.ts';
import { type IptablesKernel, isOfIptables, type ReadRules } from './iptables-rules.ts';
import { type NftablesKernel, NftablesTable, type SeenTable, type TableChange } from './nftables-table.ts';

/** `table` is undefined where it is as the engine left it, `users` where iptables is not there. */
export interface ReadBoth {
  readonly table: SeenTable | undefined;
  readonly users: ReadRules | undefined;
}

export interface NftablesChange extends FilterChange {
  readonly table: TableChange;
  readonly users: IptablesChange | undefined;
}

interface SettledUsers {
  readonly rules: ReadRules['rules'];
  readonly owned: readonly string[];
  readonly change: IptablesChange;
}

/** Whether somebody else has closed iptables' FORWARD: what the engine has closed is opened by this change. */
function isClosed({ rules }: ReadRules, owned: readonly string[]): boolean {
  const policy = rules.get('filter')?.get('FORWARD')?.policy;
  return policy === 'DROP' && policiesBefore(owned, 'filter').every(({ chain }) => chain !== 'FORWARD');
}

/** So many transactions have changed the engine's table. */
const changesOf = ({ transactions }: RulesetChanges, family: Family): number =>
  transactions.filter((tables) => tables.has(tableOf(family))).length;

/** Docker's words. */
const closed = (family: Family): string =>
  `Network traffic for published ports may be dropped, ${family === 4 ? 'iptables' : 'ip6tables'} chain FORWARD has policy DROP, and the engine is using nftables`;

const isMark = (owned: string): boolean => owned.startsWith('nftables ');

export class NftablesFilter implements PacketFilter<ReadBoth, NftablesChange> {
  readonly #kernel: NftablesKernel & IptablesKernel;
  readonly #tables: Readonly<Record<Family, NftablesTable>>;
  readonly #users: IptablesFilter;
  /** Rules of iptables that are as they are to be. */
  readonly #settled = new Map<Family, SettledUsers>();
  readonly #asked = new Set<Family>();
  /** Families whose table is as the engine left it, up to this generation. */
  readonly #known = new Set<Family>();
  /** Families whose rules of iptables others have changed since they were observed. */
  readonly #otherwise = new Set<Family>();
  #generation: number | undefined;

  constructor(kernel: NftablesKernel & IptablesKernel) {
    this.#kernel = kernel;
    this.#tables = { 4: new NftablesTable(kernel, 4), 6: new NftablesTable(kernel, 6) };
    this.#users = new IptablesFilter(kernel, { plan: planUserChain, isAlone: false });
  }

  async observe(family: Family): Promise<ReadBoth> {
    this.#asked.add(family);
    this.#otherwise.delete(family);
    const users = await this.#observeUsers(family);
    const now = this.#kernel.firewallGeneration();
    if (now === undefined) throw fail('KERNEL_LACKS', 'nf_tables, which the nftables backend needs');
    this.#catchUp();
    if (this.#known.has(family)) return { table: undefined, users };
    const generation = this.#generation ?? now;
    const table = await this.#tables[family].read();
    const changes = this.#kernel.firewallChanges(generation);
    const isSteady = changes && changesOf(changes, family) === 0;
    if (!isSteady) this.#known.clear();
    this.#generation = isSteady ? generation : undefined;
    return { table, users };
  }

  difference({ table: seen, users: rules }: ReadBoth, comparison: Comparison): NftablesChange {
    const { family, desired, owned } = comparison;
    const mine = this.#tables[family];
    const marks = owned.filter(isMark);
    const table = mine.difference(seen, { desired, marks });
    const theirs = owned.filter((one) => !isMark(one));
    const users = rules && this.#differenceOfUsers(rules, { ...comparison, owned: theirs });
    if (table.actions === 0 && desired) this.#known.add(family);
    return {
      ...{ actions: table.actions + (users?.actions ?? 0), table, users },
      get owned() {
        return [...(mine.mark === '' ? [] : [mine.mark]), ...(users?.owned ?? theirs)];
      },
      claim: [...new Set([...marks, ...(mine.mark === '' ? [] : [mine.mark])]), ...(users?.claim ?? theirs)],
      rules: table.size + (users?.rules ?? 0),
      byOthers: [...table.byOthers, ...(users?.byOthers ?? [])],
      warnings: desired && rules && isClosed(rules, theirs) ? [closed(family)] : [],
    };
  }

  /** The engine's table comes first: what the iptables backend has left is removed once it is not needed. */
  async apply(family: Family, { table, users }: NftablesChange): Promise<void> {
    this.#known.delete(family);
    await this.#tables[family].apply(table, () => this.#catchUp(family));
    if (table.wanted && this.#generation !== undefined) this.#known.add(family);
    if (!users || (users.actions === 0 && table.wanted)) return;
    await this.#users.apply(family, users);
    this.#catchUp();
    // the engine's own change
    this.#otherwise.delete(family);
  }

  isAsLeft(): boolean {
    this.#catchUp();
    return this.#asked.size > 0 && this.#otherwise.size === 0 && this.#known.size === this.#asked.size;
  }

  forget(): void {
    this.#known.clear();
    this.#generation = undefined;
    for (const table of Object.values(this.#tables)) table.forget();
    this.#users.forget();
  }

  /**
   * Follows what transactions have changed. `own`: the family whose table the engine has just changed by one of them; if
   * it was changed by more, nothing is known.
   */
  #catchUp(own?: Family): void {
    const changes =
      this.#generation === undefined ? undefined : this.#kernel.firewallChanges(this.#generation);
    this.#generation = changes?.generation;
    for (const family of families) {
      const count = changes ? changesOf(changes, family) : 0;
      if (!changes || (count > 0 && family !== own)) this.#known.delete(family);
      if (family === own && count !== 1) this.#generation = undefined;
      if (changes?.transactions.some((tables) => isOfIptables(tables, family))) this.#otherwise.add(family);
    }
    if (this.#generation === undefined) this.#known.clear();
  }

  /** What there is to be never changes, so that the same rules need no second look. */
  #differenceOfUsers(rules: ReadRules, comparison: Comparison): IptablesChange {
    const { family, desired, owned } = comparison;
    const known = this.#settled.get(family);
    if (desired && known && known.rules === rules.rules && known.owned.join('\n') === owned.join('\n'))
      return known.change;
    const change = this.#users.difference(rules, comparison);
    if (desired && change.actions === 0 && !rules.otherTable)
      this.#settled.set(family, { rules: rules.rules, owned, change: { ...change, byOthers: [] } });
    else this.#settled.delete(family);
    return change;
  }

  async #observeUsers(family: Family): Promise<ReadRules | undefined> {
    if (!this.#kernel.iptables.isInstalled()) return undefined;
    try {
      return await this.#users.observe(family);
    } catch (error) {
      if (hasCode(error, 'KERNEL_LACKS')) return undefined;
      throw error;
    }
  }
}
