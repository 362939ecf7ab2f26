/**
 * The interface of packet-filter backends. All get the same data (`FirewallInput`): networks, ports, trusted links
 * and holes, not rules. A backend with lists of rules renders `planFirewall`; one with maps and sets may fill them
 * from the input directly.
 */
import type { Family } from '../net/family.ts';
import type { FirewallInput } from './input.ts';

/** `undefined`: no rules of the engine. */
export type Desired = FirewallInput | undefined;

/** The change from observed to desired rules of one family. */
export interface FilterChange {
  /** Size of the change in the backend's own unit; 0 for no change. */
  readonly actions: number;
  /**
   * The engine's rules that nothing in the kernel marks, in the backend's text, once the change is applied. The
   * caller stores it across restarts of the engine, not of the host.
   */
  readonly owned: readonly string[];
  /** The number of the engine's rules once the change is applied. */
  readonly rules: number;
  /** `owned` before and after, to be stored before the change is applied, so that a crash forgets none. */
  readonly claim: readonly string[];
  /** Changes that other programs made to the engine's rules since the last look, as sentences. */
  readonly byOthers: readonly string[];
  /** What other programs have set up so that the engine's rules do not have their effect, as sentences. */
  readonly warnings?: readonly string[];
}

export interface Comparison {
  readonly family: Family;
  readonly desired: Desired;
  /** `owned` (or `claim`) of the previous change. */
  readonly owned: readonly string[];
}

/**
 * One backend for the whole host. `observe`, `difference` and `apply` of a family are called in this order and never
 * concurrently; a difference is applied at most once.
 */
export interface PacketFilter<Observed, Change extends FilterChange> {
  /** Throws KERNEL or KERNEL_LACKS, saying what is missing. */
  observe(family: Family): Promise<Observed>;
  /** Changes nothing. Empty after a difference has been applied. */
  difference(observed: Observed, comparison: Comparison): Change;
  /** Applies each table as a whole or not at all. Throws KERNEL with the reason. */
  apply(family: Family, change: Change): Promise<void>;
  /** Cheap check that no rule has changed since `apply` or an empty difference. False where it cannot know. */
  isAsLeft(): boolean;
  /** Discards what was observed. */
  forget(): void;
}
