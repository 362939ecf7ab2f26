/**
 * The records that the resolver process reads: names by network, and what each sandbox sees. The engine derives
 * them from the model and writes them in the same transaction (`store/`), so that answers are never
 * older than a finished request.
 */

/** One endpoint that a name leads to. Stored under (network id, lower-case name). */
export interface NameEntry {
  readonly endpointId: string;
  /** Addresses without prefix length; '' where the endpoint has none of that family. */
  readonly ipv4: string;
  readonly ipv6: string;
  /** The container's name, for answers backwards (`NAME.NETWORK`). */
  readonly name: string;
}

/** The target of an alias in one network. */
export interface PrivateName {
  readonly networkId: string;
  readonly name: string;
}

/** What one sandbox sees. Stored under its id while the embedded resolver serves it. */
export interface SandboxNames {
  readonly sandboxId: string;
  /** File of its network namespace. */
  readonly path: string;
  /** User-defined networks in the order of its interfaces; looked up in this order. */
  readonly networks: readonly { readonly id: string; readonly name: string }[];
  /**
   * Names that only this sandbox sees (`--link db:alias`): alias in lower case to its target in each network on
   * which it was asked for. The first network that has the target counts.
   */
  readonly privateNames: Readonly<Record<string, readonly PrivateName[]>>;
  /** Servers of `--dns`, queried from inside the sandbox. Empty: the host's servers, queried from the host. */
  readonly servers: readonly string[];
  /** Whether the host's servers are queried for it, because it has a way out. Its `servers` are queried in any case. */
  readonly forward: boolean;
  /** Names that are answered with a fixed address, in lower case: `host.docker.internal`. */
  readonly fixed: Readonly<Record<string, readonly string[]>>;
  /** Patterns of names whose addresses the engine is told before they are answered; absent: none. */
  readonly watched?: readonly string[];
}

/** Key for the entry of an address (without prefix length). It contains a space and is never a DNS name. */
export const reverseName = (address: string): string => `ptr ${address}`;

/** Read-only view of the store. All look-ups are O(log n) in the number of names. */
export interface NameRecords {
  lookup(networkId: string, name: string): readonly NameEntry[];
  /** The endpoint that has an address (without prefix length). */
  reverse(networkId: string, address: string): NameEntry | undefined;
  sandbox(id: string): SandboxNames | undefined;
  sandboxes(): Iterable<SandboxNames>;
  /**
   * Makes the latest commit visible and returns its generation, a number that changes whenever any record
   * changes. Call it once per query, after the query came; answers may be cached while the number stays the
   * same. Takes about a microsecond.
   */
  refresh(): number;
  close(): void;
}

/** Changes of the resolver's records, derived from changes of the model (`names/derive.ts`). */
export interface NameChange {
  readonly sandboxes: readonly { readonly id: string; readonly put?: SandboxNames }[];
  /** Entries of one endpoint under (network id, name), to be replaced, or removed where `entry` is absent. */
  readonly names: readonly {
    readonly networkId: string;
    readonly name: string;
    readonly endpointId: string;
    readonly entry?: NameEntry;
  }[];
}
