/**
 * What the firewall is to any backend. All backends get the same data (`FirewallInput`): networks, ports, trusted links
 * and holes, not rules. One whose rules are a list renders `planFirewall`; one with maps and sets may fill them
 * from the input's lists directly.
 */
import type { Family } from '../net/family.ts';
import type { FirewallInput } from './input.ts';

/** `undefined`: nothing of the engine's. */
export type Desired = FirewallInput | undefined;

/** From what there is to what is wanted, for one family. */
export interface FilterChange {
  /** How much is to be done, in the backend's own unit; 0 for nothing. */
  readonly actions: number;
  /**
   * What only the engine's memory tells to be its own, in the backend's words, once the change is made. To be
   * kept across restarts of the engine, not of the host.
   */
  readonly owned: readonly string[];
  /** `owned` before and after: to be kept before the change is made, so that a crash forgets none. */
  readonly claim: readonly string[];
  /** What somebody else has done to the engine's rules since it last looked, for people. */
  readonly byOthers: readonly string[];
}

export interface Comparison {
  readonly family: Family;
  readonly desired: Desired;
  /** `owned` (or `claim`) of the change before. */
  readonly owned: readonly string[];
}

/**
 * One backend, for the whole host. `observe`, `difference` and `apply` of a family are called in this order and never
 * side by side; a difference is applied once, or not at all.
 */
export interface PacketFilter<Observed, Change extends FilterChange> {
  /** Throws KERNEL or KERNEL_LACKS, saying what is missing. */
  observe(family: Family): Promise<Observed>;
  /** Changes nothing. A second one, after the first was applied, is empty. */
  difference(observed: Observed, comparison: Comparison): Change;
  /** As a whole or, per table, not at all. Throws KERNEL with the reason. */
  apply(family: Family, change: Change): Promise<void>;
  /** Cheap: nobody else has changed any rule since `apply`, or since an empty difference. False where it cannot know. */
  isAsLeft(): boolean;
  /** What was observed counts for nothing any more. */
  forget(): void;
}
