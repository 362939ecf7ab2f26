/** Limits of what links send. */

/** A token bucket filter: bytes per second, and bytes. */
export interface Shaper {
  readonly rate: number;
  readonly burst: number;
  readonly limit: number;
}

/** By the index of a link. */
export interface Shaping {
  /** The engine's limit of it; undefined for none. */
  findShaper(link: number): Shaper | undefined;
  /** Replaces whatever queue it has. */
  setShaper(link: number, shaper: Shaper): void;
  /** None is no error. */
  removeShaper(link: number): void;
}
