/** What the doctor finds: something that is wrong, or about to be, and what cures it. */

export const findingCodes = [
  'differs',
  'cannot-compare',
  'stray',
  'degraded',
  'resolver-silent',
  'file-missing',
  'forwarding-off',
  'bridge-filter-off',
  'rp-filter',
  'conntrack-near-full',
  'neighbours-near-full',
  'mtu-above-uplink',
  'mtu-above-tunnel',
  'subnet-hidden',
  'other-engine',
  'firewall-in-the-way',
  'stub-resolver',
  'name-server-silent',
  'no-name-server',
  'clock-behind',
  'disk-near-full',
  'kernel-lacks',
  'node-behind',
] as const;

export type FindingCode = (typeof findingCodes)[number];

/** What `--fix` does. */
export type Fix =
  /** Nothing: the cure is for people. */
  | { readonly kind: 'none' }
  /** Converges `network:ID`, `sandbox:ID` or `firewall`. */
  | { readonly kind: 'scope'; readonly scope: string }
  /** Removes what the engine has left behind. */
  | { readonly kind: 'sweep' }
  | { readonly kind: 'sysctl'; readonly key: string; readonly value: string }
  | { readonly kind: 'resolver'; readonly sandboxId: string }
  | { readonly kind: 'files'; readonly containerId: string };

export interface Finding {
  readonly code: FindingCode;
  /** One sentence without a full stop. */
  readonly sentence: string;
  /** `this host`, `network app`, `container web`. */
  readonly at: string;
  /** A command, or what to do in words. */
  readonly cure: string;
  /** What `--fix` would do, a line each; empty where it does nothing. */
  readonly would: readonly string[];
  readonly fix: Fix;
}

export const fixCommand = 'seaway doctor --fix';

export interface Examination {
  /** Scopes that were compared. */
  readonly compared: number;
  readonly findings: readonly Examined[];
}

export interface Examined extends Finding {
  /** `open`: nothing was done. */
  readonly outcome: 'open' | 'fixed' | 'failed';
  /** Why it failed, or ''. */
  readonly error: string;
}
