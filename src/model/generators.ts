/** Chance and time, handed in so that transitions stay pure. */
export interface Generators {
  /** 64 hex digits. */
  id(): string;
  /** A locally administered unicast MAC address. */
  mac(): string;
  /** An integer of [0, below). */
  below(limit: number): number;
  /** RFC 3339, UTC, nanoseconds. */
  now(): string;
}
