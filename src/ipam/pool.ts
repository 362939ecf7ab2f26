/** One pool of addresses of a network, all choices made (CIDR subnet, gateway address). */
export interface Pool {
  /** CIDR, host bits zero: `172.18.0.0/16`, `fd00::/64`. */
  readonly subnet: string;
  /** The engine has chosen the subnet, and may choose another one tomorrow: no address of it can be asked for. */
  readonly chosen?: true;
  /** Address without prefix; absent where the network has none (`--internal` bridges keep one). */
  readonly gateway?: string;
  /** CIDR within `subnet` that dynamic addresses come from. */
  readonly ipRange?: string;
  /** Addresses that are reserved, by the name that the user gave them. */
  readonly auxAddresses: Readonly<Record<string, string>>;
  /** Given by an IPAM driver outside of the engine. */
  readonly lease?: PoolLease;
}

/** What another program calls a pool that it has given. */
export interface PoolLease {
  readonly id: string;
  /** Its address space. */
  readonly space: string;
  /** Of the network itself (gateway, auxiliary addresses), without prefix length. */
  readonly addresses: readonly string[];
}
