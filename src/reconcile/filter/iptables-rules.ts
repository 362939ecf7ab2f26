/**
 * Cache of iptables' rules. nf_tables numbers its transactions and tells which tables each has changed: while the engine's
 * own transactions were the only ones in iptables' tables, the cached rules are valid, so that neither a change nor what
 * other programs do in tables of their own costs reading all rules. Without a number (iptables' legacy variant), and once
 * a minute, all rules are read.
 */
import { type Observed, parseSave } from '../../firewall/iptables/observed.ts';
import { restored } from '../../firewall/iptables/restored.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { type Family, families } from '../../net/family.ts';

/** Milliseconds after which all rules are read again. */
const trustedFor = 60_000;

export type IptablesKernel = Pick<Kernel, 'iptables' | 'firewallGeneration' | 'firewallChanges'>;

/** Whether a transaction has changed rules of iptables. */
export const isOfIptables = (tables: ReadonlySet<string>, family: Family): boolean =>
  names.some((name) => tables.has(`${family === 4 ? 'ip' : 'ip6'} ${name}`));

const names = ['filter', 'nat', 'mangle', 'raw', 'security'];

interface Seen {
  readonly rules: Observed;
  /** When the rules were read. */
  readonly at: number;
}

export interface ReadRules {
  readonly rules: Observed;
  /** After a new read: the rules as the engine last left them, to find changes of other programs. */
  readonly left?: Observed;
  /** The nftables backend has left its table. */
  readonly otherTable?: boolean;
}

export class IptablesRules {
  readonly #kernel: IptablesKernel;
  readonly #seen = new Map<Family, Seen>();
  readonly #left = new Map<Family, Observed>();
  /** Families that were read at least once. */
  readonly #asked = new Set<Family>();
  /** Generation of the cached rules. */
  #generation: number | undefined;

  constructor(kernel: IptablesKernel) {
    this.#kernel = kernel;
  }

  /** Throws KERNEL or KERNEL_LACKS where the program or the family's tables are missing. */
  async read(family: Family): Promise<ReadRules> {
    this.#asked.add(family);
    this.#catchUp();
    const known = this.#seen.get(family);
    if (known && performance.now() - known.at < trustedFor) return { rules: known.rules };
    const at = performance.now();
    const generation = this.#generation ?? this.#kernel.firewallGeneration();
    const text = await this.#kernel.iptables.save(family);
    const rules = parseSave(text);
    const changes = generation === undefined ? undefined : this.#kernel.firewallChanges(generation);
    const whole = changes && !changes.transactions.some((tables) => isOfIptables(tables, family));
    if (whole && isNumbered(text)) {
      this.#generation ??= generation;
      this.#seen.set(family, { rules, at });
    } else this.#seen.delete(family);
    const left = this.#left.get(family);
    this.#left.set(family, rules);
    return left ? { rules, left } : { rules };
  }

  /** Whether no other program has changed a rule since the last read or change, in all families. */
  isAsLeft(): boolean {
    return this.#asked.size > 0 && [...this.#asked].every((family) => this.isCurrent(family));
  }

  /** Whether the cached rules of the family are valid. False where it cannot be known. */
  isCurrent(family: Family): boolean {
    this.#catchUp();
    return this.#seen.has(family);
  }

  /** Runs a script made for the rules read last, and updates the cache by its effect. */
  async restore(family: Family, script: string): Promise<void> {
    this.#catchUp();
    const known = this.#seen.get(family);
    const left = this.#left.get(family);
    this.#seen.delete(family);
    this.#left.delete(family);
    let transactions: number | undefined;
    try {
      await this.#kernel.iptables.restore(family, script);
    } finally {
      transactions = this.#catchUp().get(family);
    }
    const rules = left && restored(left, script);
    if (rules) this.#left.set(family, rules);
    if (known && rules && transactions === transactionsOf(script))
      this.#seen.set(family, { ...known, rules });
  }

  /** Drops the cache and the rules as last left. */
  forget(): void {
    this.#doubt();
    this.#left.clear();
  }

  /** Drops the cache. */
  #doubt(): void {
    this.#seen.clear();
    this.#generation = undefined;
  }

  /** Drops what has changed since; the number of transactions in iptables' tables of each family, where it is known. */
  #catchUp(): ReadonlyMap<Family, number> {
    const changes =
      this.#generation === undefined ? undefined : this.#kernel.firewallChanges(this.#generation);
    if (!changes) {
      this.#doubt();
      return new Map();
    }
    this.#generation = changes.generation;
    const counts = families.map((family) => {
      const count = changes.transactions.filter((tables) => isOfIptables(tables, family)).length;
      if (count > 0) this.#seen.delete(family);
      return [family, count] as const;
    });
    return new Map(counts);
  }
}

/** False for the legacy variant, whose changes nf_tables does not number, and for empty output. */
const isNumbered = (saved: string): boolean => saved.includes('(nf_tables)');

/** iptables-nft commits one transaction per table in a script. */
const transactionsOf = (script: string): number => script.match(/^\*/gm)?.length ?? 0;
