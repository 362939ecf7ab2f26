/** A change that would make the kernel agree with the records. */

export interface PendingChange {
  /** `refuse`: an object that is not the engine's is in the way. */
  readonly action: 'make' | 'change' | 'remove' | 'refuse';
  /** `link`, `address`, `route`, `sysctl`, `rules`, ... */
  readonly kind: string;
  /** `host`, a sandbox's id, or `network:ID`. */
  readonly namespace: string;
  readonly object: string;
  readonly differences: readonly {
    readonly field: string;
    readonly desired: string;
    readonly observed: string;
  }[];
}
