/** The answer to a question. */
import type { Cause } from './causes.ts';

/** A station of the way. */
export interface Hop {
  /** `container web`, `network app`, `this host`, ... */
  readonly at: string;
  /** Links and addresses. */
  readonly what: string;
  /** `unseen`: the packet has not come so far, or it cannot be seen there. */
  readonly state: 'passed' | 'stopped' | 'unseen';
}

export interface Explanation {
  readonly from: string;
  readonly to: string;
  readonly reaches: boolean;
  /** Absent where nothing is wrong. */
  readonly cause?: Cause;
  /** How TO was resolved, in a sentence; '' where it was an address. */
  readonly name: string;
  /** Where the probe was sent; '' where none was sent. */
  readonly address: string;
  /** What came of the probe, in words. */
  readonly probe: string;
  readonly path: readonly Hop[];
  /** Rules that decided about the probe, in order, in words. */
  readonly rules: readonly string[];
}
