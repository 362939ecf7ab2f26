/** Policies: which flows containers may have. They come from documents, or from labels of a container. */
import type { Protocol } from './sandbox.ts';

/** Seen from the container that a policy is for: who may reach it, and what it may reach. */
export type Direction = 'ingress' | 'egress';

export const directions: readonly Direction[] = ['ingress', 'egress'];

export type Verdict = 'allow' | 'deny';

/** Selects containers; all fields that are given must match. */
export interface Selector {
  /** Name of a container, or of a connected namespace; `*` and `?` stand for any text and any character. */
  readonly container?: string;
  /** A label, with its value where that must match too. */
  readonly label?: { readonly name: string; readonly value?: string };
  /** Name of a network that it is on. In `Policy.applies` the policy is for flows on that network only. */
  readonly network?: string;
}

/** The other end of a flow. */
export type Remote =
  | { readonly kind: 'any' }
  /** The host itself, by its address in the container's networks. */
  | { readonly kind: 'host' }
  /** Addresses in none of the container's networks. */
  | { readonly kind: 'outside' }
  | { readonly kind: 'containers'; readonly selector: Selector }
  /** Canonical CIDR. */
  | { readonly kind: 'addresses'; readonly block: string }
  /** Egress only: a DNS name in lower case, or `*.` and a domain whose names below it are meant. */
  | { readonly kind: 'name'; readonly pattern: string };

/** `icmp` has no ports: both are 0. */
export interface PolicyPorts {
  readonly protocol: Protocol | 'icmp';
  readonly first: number;
  readonly last: number;
}

export interface PolicyRule {
  readonly verdict: Verdict;
  readonly remote: Remote;
  /** Of the end that is connected to; empty: all, of every protocol. */
  readonly ports: readonly PolicyPorts[];
  /** Line of the document; 0 for one of a label. */
  readonly line: number;
}

export interface Policy {
  /** Its name. */
  readonly id: string;
  /** Policies are asked in this order, then by name. */
  readonly order: number;
  readonly applies: Selector;
  /** The first rule that matches decides. A direction with an `allow` denies what no rule matches. */
  readonly ingress: readonly PolicyRule[];
  readonly egress: readonly PolicyRule[];
}

/** In one direction of a policy, or in one label. */
export const mostRules = 1_000;

/** Labels of a container that are policies for it alone. */
export const policyLabels = {
  'com.seaway.policy.deny-from': ['ingress', 'deny'],
  'com.seaway.policy.allow-from': ['ingress', 'allow'],
  'com.seaway.policy.deny-to': ['egress', 'deny'],
  'com.seaway.policy.allow-to': ['egress', 'allow'],
} as const satisfies Readonly<Record<string, readonly [Direction, Verdict]>>;

const labelPrefix = 'com.seaway.policy.';

export const hasPolicyLabels = (labels: Readonly<Record<string, string>>): boolean => {
  for (const name in labels) if (name.startsWith(labelPrefix)) return true;
  return false;
};
