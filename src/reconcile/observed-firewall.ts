/**
 * What the packet filter has. nf_tables numbers its transactions: where the number is the one of the last look, or
 * has grown by just as many as were our own, nobody else has changed anything, and what was seen (and done) is
 * what is there. So a change does not cost a list of all rules. Where there is no number (iptables' legacy
 * variant), and every so often anyway, all rules are read.
 */
import { type Observed, parseSave } from '../firewall/observed.ts';
import { restored } from '../firewall/restored.ts';
import type { IptablesFamily, Kernel } from '../kernel/kernel.ts';

/** How long what was seen is carried on before all rules are read again (milliseconds). */
const trustedFor = 60_000;

type FirewallDoor = Pick<Kernel, 'saveIptables' | 'restoreIptables' | 'firewallGeneration'>;

interface Sight {
  readonly rules: Observed;
  /** When all of it was read. */
  readonly at: number;
}

export class ObservedFirewall {
  readonly #kernel: FirewallDoor;
  readonly #seen = new Map<IptablesFamily, Sight>();
  /** Families that were ever looked at. */
  readonly #asked = new Set<IptablesFamily>();
  /** Of all that was seen. */
  #generation: number | undefined;

  constructor(kernel: FirewallDoor) {
    this.#kernel = kernel;
  }

  /** Undefined where the family's tables, or the program, are missing. */
  async read(family: IptablesFamily): Promise<Observed | undefined> {
    this.#asked.add(family);
    const generation = this.#kernel.firewallGeneration();
    if (generation !== this.#generation) this.forget();
    const known = this.#seen.get(family);
    if (known && performance.now() - known.at < trustedFor) return known.rules;
    const at = performance.now();
    const text = await this.#kernel.saveIptables(family);
    if (text === undefined) return undefined;
    const rules = parseSave(text);
    const whole = generation !== undefined && generation === this.#kernel.firewallGeneration();
    if (whole && isNumbered(text)) {
      this.#generation = generation;
      this.#seen.set(family, { rules, at });
    } else this.forget();
    return rules;
  }

  /** Nobody else has changed any rule since the last look, or change: at the families one by one. */
  isAsLeft(): boolean {
    const isKnown = this.#asked.size > 0 && [...this.#asked].every((family) => this.#seen.has(family));
    if (!isKnown || this.#generation === undefined) return false;
    return this.#kernel.firewallGeneration() === this.#generation;
  }

  /** Runs a script; what it makes of what was seen is what is seen then. */
  async restore(family: IptablesFamily, script: string): Promise<void> {
    const known = this.#seen.get(family);
    const expected = (this.#generation ?? 0) + transactionsOf(script);
    this.#seen.delete(family);
    try {
      await this.#kernel.restoreIptables(family, script);
    } finally {
      if (this.#kernel.firewallGeneration() !== expected) this.forget();
      else this.#generation = expected;
    }
    if (known && this.#generation === expected)
      this.#seen.set(family, { ...known, rules: restored(known.rules, script) });
  }

  forget(): void {
    this.#seen.clear();
    this.#generation = undefined;
  }
}

/** The legacy variant changes its tables without nf_tables; the output for none at all does not say. */
const isNumbered = (saved: string): boolean => saved.includes('(nf_tables)');

/** iptables-nft makes one of each table that a script names. */
const transactionsOf = (script: string): number => script.match(/^\*/gm)?.length ?? 0;
