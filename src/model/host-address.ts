/** Reserves an address for the host in networks with host access. */
import { fail } from '../errors.ts';
import { AddressSet } from '../ipam/address-set.ts';
import type { Pool } from '../ipam/pool.ts';
import { familyOf } from '../net/family.ts';

/**
 * The pools with an address reserved under that name in the first of each family, unless the user has
 * reserved one under it (`--aux-address host=...`). Throws ADDRESSES_EXHAUSTED.
 */
export function reserveHostAddress(
  pools: readonly Pool[],
  { addressName, network }: { readonly addressName: string; readonly network: string },
): readonly Pool[] {
  const served = new Set(
    pools.filter(({ auxAddresses }) => auxAddresses[addressName]).map(({ subnet }) => familyOf(subnet)),
  );
  return pools.map((pool) => {
    const family = familyOf(pool.subnet);
    if (served.has(family)) return pool;
    served.add(family);
    const address = new AddressSet(pool).allocate();
    if (address === undefined) throw fail('ADDRESSES_EXHAUSTED', family, network);
    return { ...pool, auxAddresses: { ...pool.auxAddresses, [addressName]: address } };
  });
}
