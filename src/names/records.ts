/**
 * What the resolver process reads: names by network, and what each sandbox may ask. The engine derives
 * these from the model and writes them in the same transaction (`store/`), so that an answer is never
 * older than the change that made it.
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

/** What an alias leads to in one network. */
export interface PrivateName {
  readonly networkId: string;
  readonly name: string;
}

/** What one sandbox sees. Stored under its id, while the embedded resolver serves it. */
export interface SandboxNames {
  readonly sandboxId: string;
  /** File of its network namespace. */
  readonly path: string;
  /** User-defined networks in the order of its interfaces; looked up in this order. */
  readonly networks: readonly { readonly id: string; readonly name: string }[];
  /**
   * Names that this sandbox alone sees (`--link db:alias`): alias in lower case to a name in each network on
   * which it was asked for. The first network where its target is counts.
   */
  readonly privateNames: Readonly<Record<string, readonly PrivateName[]>>;
  /** Asked with `--dns`; asked from inside the sandbox. Empty: the host's servers, from the host. */
  readonly servers: readonly string[];
  /** Whether the host's servers are asked for it: it has a way out. Its own are asked in any case. */
  readonly forward: boolean;
  /** Names that are answered with a fixed address, in lower case: `host.docker.internal`. */
  readonly fixed: Readonly<Record<string, readonly string[]>>;
}

/** Name under which the entry of an address (without prefix length) is kept. No DNS name is like it. */
export const reverseName = (address: string): string => `ptr ${address}`;

/** Read-only view of the store. All look-ups are O(log n) in the number of names. */
export interface NameRecords {
  lookup(networkId: string, name: string): readonly NameEntry[];
  /** The endpoint that has an address (without prefix length). */
  reverse(networkId: string, address: string): NameEntry | undefined;
  sandbox(id: string): SandboxNames | undefined;
  sandboxes(): Iterable<SandboxNames>;
  /**
   * See what is committed now from here on, and tell its age: a number that changes whenever any record
   * changes. Call it once for each query, after the query came: what was read before may be kept while
   * the number stays the same. About a microsecond.
   */
  refresh(): number;
  close(): void;
}

/** What the resolver must see differently, derived from a list of changes (`names/derive.ts`). */
export interface NameChange {
  readonly sandboxes: readonly { readonly id: string; readonly put?: SandboxNames }[];
  /** (network id, name) pairs whose entries of one endpoint are to be replaced; no entry: removed. */
  readonly names: readonly {
    readonly networkId: string;
    readonly name: string;
    readonly endpointId: string;
    readonly entry?: NameEntry;
  }[];
}
