/**
 * An address that the cluster's store has on record for this host. It outlives its endpoint where the store was away
 * when that was removed: nobody else can have it until then.
 */
export interface Claim {
  /** `NETWORK ADDRESS`. */
  readonly id: string;
  readonly networkId: string;
  /** Without prefix length. */
  readonly address: string;
  readonly endpointId: string;
  /** Of this host; it may have the address again. Absent where that is not known any more. */
  readonly containerId?: string;
  /** RFC 3339: the older one of two claims wins where a store was wiped. */
  readonly since: string;
}

export const claimId = (networkId: string, address: string): string => `${networkId} ${address}`;
