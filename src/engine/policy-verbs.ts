/** The contract's part for policies between containers. */
import type { AppliedPolicies } from '../model/policies.ts';
import type { Policy, PolicyPorts } from '../model/policy.ts';
import type { Step } from '../policy/judge.ts';

export interface Count {
  readonly packets: number;
  readonly bytes: number;
}

export interface PolicyDetail {
  readonly policy: Policy;
  /** In the order of its rules, over all containers of this host that it is for. */
  readonly ingress: readonly Count[];
  readonly egress: readonly Count[];
  /** What no rule of a direction allows. */
  readonly denied: Count;
  /** Names of the running containers of this host that it is for. */
  readonly containers: readonly string[];
  /** Those among them that may change the rules of their namespace (NET_ADMIN): the other ends hold all the same. */
  readonly privileged: readonly string[];
}

export interface FlowQuestion {
  /** A container, or an address. */
  readonly from: string;
  /** A container, an address, or a DNS name. */
  readonly to: string;
  readonly port: number;
  readonly protocol: PolicyPorts['protocol'];
}

export interface FlowAnswer {
  readonly allowed: boolean;
  /** The network on which both are, or ''. */
  readonly network: string;
  readonly steps: readonly Step[];
}

export interface PolicyVerbs {
  /** Also those of labels. */
  list(): Promise<readonly PolicyDetail[]>;
  /** Throws POLICY_NOT_FOUND. */
  get(name: string): Promise<PolicyDetail>;
  /** Throws POLICY_DOCUMENT; then nothing has changed. */
  apply(document: string): Promise<AppliedPolicies['results']>;
  /** Throws POLICY_NOT_FOUND, POLICY_OF_LABELS. */
  remove(name: string): Promise<void>;
  /** Throws POLICY_FLOW. */
  test(question: FlowQuestion): FlowAnswer;
}
