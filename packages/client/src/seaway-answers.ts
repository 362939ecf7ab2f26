/** Answers of the routes below `/seaway`. */

export interface ClusterNode {
  readonly ID: string;
  readonly Name: string;
  /** `here`, `ready` or `lost`. */
  readonly Status: string;
  readonly Advertise: string;
  readonly Endpoints: number;
}

/** How far a node of the swarm has come with the network state that managers give it. */
export interface NodeProgress {
  readonly ID: string;
  readonly Hostname: string;
  readonly Status: string;
  readonly Leader: boolean;
  /** null where another manager knows. */
  readonly Revision: number | null;
  readonly BehindSeconds: number;
  /** Published ports that a program of the node has: `tcp 8080`. */
  readonly BusyPorts: readonly string[];
}

export interface SubnetUse {
  readonly IPsInUse: number;
  readonly DynamicIPsAvailable: number;
}

export interface SwarmState {
  readonly Revision: number;
  readonly Nodes: readonly NodeProgress[];
  readonly Networks: readonly {
    readonly ID: string;
    readonly Name: string;
    readonly Subnets: Readonly<Record<string, SubnetUse>>;
  }[];
}

export interface ScopeDifference {
  readonly Scope: string;
  readonly Name: string;
  /** Why it could not be compared, or ''. */
  readonly Error: string;
  readonly Changes: readonly {
    /** `make`, `change`, `remove` or `refuse`. */
    readonly Action: string;
    readonly Kind: string;
    readonly Namespace: string;
    readonly Object: string;
    readonly Differences: readonly {
      readonly Field: string;
      readonly Desired: string;
      readonly Observed: string;
    }[];
  }[];
}

export interface Comparison {
  readonly Compared: number;
  readonly Scopes: readonly ScopeDifference[];
}

export interface DecidingRule {
  /** `ip filter`. */
  readonly Table: string;
  readonly Chain: string;
  /** Its place in the chain, from 1; 0 for the policy of the chain. */
  readonly Number: number;
  readonly Text: string;
  /** The engine's reason for it, or ''. */
  readonly Reason: string;
  readonly Owner: string;
}

export interface ExplainedCause {
  readonly Code: string;
  readonly Sentence: string;
  readonly At: string;
  readonly Cure: string;
  readonly Rule: DecidingRule | null;
}

export interface Explanation {
  readonly From: string;
  readonly To: string;
  readonly Reaches: boolean;
  readonly Cause: ExplainedCause | null;
  /** How TO was resolved, or ''. */
  readonly Name: string;
  readonly Address: string;
  readonly Probe: string;
  readonly Path: readonly {
    readonly At: string;
    readonly What: string;
    /** `passed`, `stopped` or `unseen`. */
    readonly State: string;
  }[];
  readonly Rules: readonly string[];
}

export interface Finding {
  readonly Code: string;
  readonly Sentence: string;
  readonly At: string;
  readonly Cure: string;
  /** What `fix` would do. */
  readonly Would: readonly string[];
  /** `open`, `fixed` or `failed`. */
  readonly Outcome: string;
  /** Why it failed, or ''. */
  readonly Error: string;
}

export interface Examination {
  readonly Compared: number;
  readonly Findings: readonly Finding[];
}

export interface NamespaceConnection {
  readonly Namespace: string;
  readonly SandboxID: string;
  readonly ResolvConf: string;
  readonly Networks: Readonly<
    Record<
      string,
      {
        readonly Name: string;
        readonly NetworkID: string;
        readonly EndpointID: string;
        readonly Interface: string;
        readonly MacAddress: string;
        readonly IPv4Address: string;
        readonly IPv6Address: string;
        readonly DNSNames: readonly string[];
      }
    >
  >;
}

export interface SpanLine {
  /** `request`, `verb`, `network`, `stage`, `converge` or `background`. */
  readonly Kind: string;
  readonly Name: string;
  readonly Fields: Readonly<Record<string, string>>;
  /** Milliseconds since the trace began. */
  readonly Start: number;
  /** Null while it goes on. */
  readonly Milliseconds: number | null;
  /** '' for success. */
  readonly Error: string;
  readonly Notes: readonly {
    readonly At: number;
    readonly Text: string;
    readonly Fields: Readonly<Record<string, string>>;
  }[];
  readonly Spans: readonly SpanLine[];
}

export interface TraceLine extends SpanLine {
  readonly Number: number;
  readonly Time: string;
  /** Spans and notes that were too many. */
  readonly Left: number;
}

export interface PublishedPorts {
  readonly Container: string;
  readonly Name: string;
  readonly Ports: readonly {
    /** `80/tcp`, `8000-8009/udp` */
    readonly Port: string;
    /** `0.0.0.0:8080`; as it was asked for where it is not published. */
    readonly Host: string;
    /** In words: `published`, `published at the start`, `waits for an address of eth0`. */
    readonly State: string;
  }[];
}

export interface PolicyRuleItem {
  /** `allow` or `deny`. */
  readonly Verdict: string;
  readonly Remote: string;
  readonly Ports: readonly string[];
  readonly Line: number;
  readonly Packets: number;
  readonly Bytes: number;
}

export interface PolicyItem {
  readonly Name: string;
  readonly Order: number;
  readonly Applies: string;
  readonly Ingress: readonly PolicyRuleItem[];
  readonly Egress: readonly PolicyRuleItem[];
  readonly OtherwiseDenied: { readonly Packets: number; readonly Bytes: number };
  readonly Containers: readonly string[];
  readonly MayChangeRules: readonly string[];
}

export interface AppliedPolicy {
  readonly Name: string;
  /** `created`, `changed` or `unchanged`. */
  readonly Result: string;
}

export interface FlowVerdict {
  readonly Allowed: boolean;
  readonly Network: string;
  readonly Steps: readonly {
    readonly Direction: string;
    readonly Container: string;
    readonly Verdict: string;
    readonly Policy: string;
    readonly Rule: number;
    readonly Line: number;
    readonly Remote: string;
    readonly Ports: readonly string[];
  }[];
}
