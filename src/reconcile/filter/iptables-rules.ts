/**
 * Cache of iptables' rules. nf_tables numbers its transactions: while the number has grown by exactly the engine's own
 * transactions, no other program has changed anything and the cached rules are valid, so that a change does not cost
 * reading all rules. Without a number (iptables' legacy variant), and once a minute, all rules are read.
 */
import { type Observed, parseSave } from '../../firewall/iptables/observed.ts';
import { restored } from '../../firewall/iptables/restored.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Family } from '../../net/family.ts';

/** Milliseconds after which all rules are read again. */
const trustedFor = 60_000;

export type IptablesKernel = Pick<Kernel, 'iptables' | 'firewallGeneration'>;

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
    const generation = this.#kernel.firewallGeneration();
    if (generation !== this.#generation) this.#doubt();
    const known = this.#seen.get(family);
    if (known && performance.now() - known.at < trustedFor) return { rules: known.rules };
    const at = performance.now();
    const text = await this.#kernel.iptables.save(family);
    const rules = parseSave(text);
    const whole = generation !== undefined && generation === this.#kernel.firewallGeneration();
    if (whole && isNumbered(text)) {
      this.#generation = generation;
      this.#seen.set(family, { rules, at });
    } else this.#doubt();
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
    if (!this.#seen.has(family) || this.#generation === undefined) return false;
    return this.#kernel.firewallGeneration() === this.#generation;
  }

  /** Runs a script made for the rules read last, and updates the cache by its effect. */
  async restore(family: Family, script: string): Promise<void> {
    const known = this.#seen.get(family);
    const left = this.#left.get(family);
    const expected = (this.#generation ?? 0) + transactionsOf(script);
    this.#seen.delete(family);
    this.#left.delete(family);
    try {
      await this.#kernel.iptables.restore(family, script);
    } finally {
      if (this.#kernel.firewallGeneration() !== expected) this.#doubt();
      else this.#generation = expected;
    }
    const rules = left && restored(left, script);
    if (rules) this.#left.set(family, rules);
    if (known && rules && this.#generation === expected) this.#seen.set(family, { ...known, rules });
  }

  /** Counts transactions that the engine has made by other means than iptables. */
  advance(from: number, to: number): void {
    if (this.#generation === from) this.#generation = to;
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
}

/** False for the legacy variant, whose changes nf_tables does not number, and for empty output. */
const isNumbered = (saved: string): boolean => saved.includes('(nf_tables)');

/** iptables-nft commits one transaction per table in a script. */
const transactionsOf = (script: string): number => script.match(/^\*/gm)?.length ?? 0;
