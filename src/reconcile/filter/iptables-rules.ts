/**
 * What iptables has. nf_tables numbers its transactions: where the number is the one of the last look, or has grown by
 * just as many as were our own, nobody else has changed anything, and what was seen (and done) is what is there. So
 * a change does not cost a list of all rules. Where there is no number (iptables' legacy variant), and every so
 * often anyway, all rules are read.
 */
import { type Observed, parseSave } from '../../firewall/iptables/observed.ts';
import { restored } from '../../firewall/iptables/restored.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Family } from '../../net/family.ts';

/** How long what was seen is carried on before all rules are read again (milliseconds). */
const trustedFor = 60_000;

export type IptablesKernel = Pick<Kernel, 'iptables' | 'firewallGeneration'>;

interface Seen {
  readonly rules: Observed;
  /** When all of it was read. */
  readonly at: number;
}

export interface ReadRules {
  readonly rules: Observed;
  /** The rules as the last look or change of ours left them, where all were read again; others may have been at work. */
  readonly left?: Observed;
}

export class IptablesRules {
  readonly #kernel: IptablesKernel;
  readonly #seen = new Map<Family, Seen>();
  readonly #left = new Map<Family, Observed>();
  /** Families that were ever looked at. */
  readonly #asked = new Set<Family>();
  /** Of all that was seen. */
  #generation: number | undefined;

  constructor(kernel: IptablesKernel) {
    this.#kernel = kernel;
  }

  /** Throws where the family's tables, or the program, are missing. */
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

  /** Nobody else has changed any rule since the last look, or change: at the families one by one. */
  isAsLeft(): boolean {
    return this.#asked.size > 0 && [...this.#asked].every((family) => this.isCurrent(family));
  }

  /** What was seen of the family is what there is. False where it cannot be known. */
  isCurrent(family: Family): boolean {
    if (!this.#seen.has(family) || this.#generation === undefined) return false;
    return this.#kernel.firewallGeneration() === this.#generation;
  }

  /** Runs a script that was made for what was read last; what it makes of that is what is seen then. */
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

  /** What was seen, and left, counts for nothing any more. */
  forget(): void {
    this.#doubt();
    this.#left.clear();
  }

  /** All is to be read again. */
  #doubt(): void {
    this.#seen.clear();
    this.#generation = undefined;
  }
}

/** The legacy variant changes its tables without nf_tables; the output for none at all does not say. */
const isNumbered = (saved: string): boolean => saved.includes('(nf_tables)');

/** iptables-nft makes one of each table that a script names. */
const transactionsOf = (script: string): number => script.match(/^\*/gm)?.length ?? 0;
