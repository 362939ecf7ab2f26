/** Answers of the routes below `/seaway`. */

export interface ClusterNode {
  readonly ID: string;
  readonly Name: string;
  /** `here`, `ready` or `lost`. */
  readonly Status: string;
  readonly Advertise: string;
  readonly Endpoints: number;
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
