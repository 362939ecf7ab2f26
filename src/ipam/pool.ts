/** A pool of addresses of a network, as it is recorded. */
export interface Pool {
  /** CIDR, host bits zero: `172.18.0.0/16`, `fd00::/64`. */
  readonly subnet: string;
  /** The engine chose the subnet. Users cannot ask for an address of it, as in Docker. */
  readonly chosen?: true;
  /** Address without prefix; absent where the network has none (`--internal` bridges keep one). */
  readonly gateway?: string;
  /** CIDR within `subnet` that dynamic addresses come from. */
  readonly ipRange?: string;
  /** Reserved addresses by the name that the user gave them. */
  readonly auxAddresses: Readonly<Record<string, string>>;
  /** Present where an IPAM plugin gave the pool. */
  readonly lease?: PoolLease;
}

/** An IPAM plugin's handle for a pool that it gave. */
export interface PoolLease {
  readonly id: string;
  /** The plugin's address space. */
  readonly space: string;
  /** Addresses of the network itself (gateway, auxiliary addresses), without prefix length. */
  readonly addresses: readonly string[];
}
