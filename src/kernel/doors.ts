/** Parts of the contract of `Kernel` (`kernel.ts`) that few use: mounts, iptables, nftables, WireGuard. */

export interface KernelMount {
  readonly source: string;
  readonly target: string;
  readonly type: string;
  /** MS_* bits. */
  readonly flags: number;
  readonly data: string;
}

/** iptables' save and restore programs, used only by the firewall. */
export interface IptablesDoor {
  /** Whether the programs are installed. */
  isInstalled(): boolean;
  /** `iptables-save`, all tables. Throws KERNEL or KERNEL_LACKS where the program or the tables are missing. */
  save(family: 4 | 6): Promise<string>;
  /** One `iptables-restore --noflush`, retried under contention; each table as a whole or not at all. */
  restore(family: 4 | 6, script: string): Promise<void>;
}

/** Which table of nftables. */
export interface NftTable {
  readonly family: 4 | 6;
  readonly name: string;
}

/** An element of a map or set of nftables, as in messages of nf_tables. */
export interface NftElement {
  readonly key: Uint8Array;
  /** The last key of a range, in sets with several fields. */
  readonly keyEnd?: Uint8Array;
  /** Of a map. */
  readonly data?: Uint8Array;
  /** The first key behind a range, in sets with a single field. */
  readonly isEnd?: boolean;
}

export interface NftElements {
  readonly set: string;
  readonly elements: readonly NftElement[];
}

export interface NftElementsChange {
  readonly remove: readonly NftElements[];
  readonly add: readonly NftElements[];
  /** The generation for which the change was made. */
  readonly generation: number;
}

/** What transactions of nf_tables have changed, in order. */
export interface RulesetChanges {
  /** The number of the last one. */
  readonly generation: number;
  /** The tables (`ip filter`) that each has changed. */
  readonly transactions: readonly ReadonlySet<string>[];
}

/** The ruleset of nf_tables, without looking at its rules. */
export interface RulesetDoor {
  /**
   * The generation of nf_tables' ruleset, which includes iptables-nft's rules: it changes with each transaction of any
   * program. Undefined where the kernel lacks nf_tables.
   */
  firewallGeneration(): number | undefined;

  /**
   * What transactions have changed since `firewallGeneration` gave that number. Undefined where it is not known, because
   * the kernel lacks nf_tables, or there were too many.
   */
  firewallChanges(since: number): RulesetChanges | undefined;
}

/** Tables of nftables. Elements go by nf_tables' own messages, because the cost of libnftables grows with what sets hold. */
export interface NftablesDoor {
  /** Without libnftables. False where the kernel has no nf_tables. */
  hasTable(table: NftTable): boolean;
  /** A table in the words of nft(8), without elements of sets. Undefined where there is none. */
  printTable(table: NftTable): string | undefined;
  /** By set. Throws KERNEL where the table or a set is missing. */
  listElements(table: NftTable, sets: readonly string[]): Promise<readonly NftElements[]>;
  /** One transaction. False, and nothing is changed, if the ruleset has another generation by now. */
  changeElements(table: NftTable, change: NftElementsChange): Promise<boolean>;
}

/** Links of WireGuard on the host. */
export interface WireguardDoor {
  /** By the kernel, or by `wireguard-go` where the kernel has none. Throws KERNEL, naming what is missing. */
  create(name: string): Promise<void>;
  /** Makes keys, port and peers what they are in that file (wg(8), `syncconf`). */
  configure(name: string, file: string): Promise<void>;
  /** Keys, port and peers as they are (wg(8), `showconf`). */
  shown(name: string): Promise<string>;
}

/** A watch of a namespace other than the host's. */
export interface InnerWatch {
  /** Delivers all pending events to the listener before it returns. */
  drain(): void;
  close(): void;
}
