/** A pool that an IPAM driver chooses, which must not hide what the host routes: it is asked until it gives one, as by Docker. */
import { fail } from '../errors.ts';
import { releasePool } from '../model/outbox.ts';
import { overlaps, readCidr } from '../net/address.ts';
import type { GivenPool, IpamDriver, PoolRequest } from '../plugins/ipam-driver.ts';
import type { PreparationLedger } from './ledger.ts';

/** So many pools are asked for (Docker: without end). */
const mostPools = 64;

export interface PoolAsked {
  /** Name of the plugin. */
  readonly plugin: string;
  readonly driver: Pick<IpamDriver, 'requestPool'>;
  readonly ledger: Pick<PreparationLedger, 'ask' | 'given' | 'giveBack'>;
  /** CIDRs that a chosen pool must not overlap with. */
  readonly routed: readonly string[];
}

/** Those that were of no use are given back once there is one, so that none of them is given twice. */
export async function requestPool(asked: PoolAsked, wanted: PoolRequest): Promise<GivenPool> {
  const { plugin, driver, ledger } = asked;
  const useless: GivenPool[] = [];
  for (;;) {
    const given = await ledger.ask(undefined, () => driver.requestPool(wanted));
    const isRepeated = useless.some(({ id }) => id === given.id);
    if (!isRepeated) await ledger.given(releasePool(plugin, given.id));
    if (isUsable(asked, wanted, given)) {
      await ledger.giveBack(useless.map(({ id }) => releasePool(plugin, id)));
      return given;
    }
    useless.push(given);
    if (isRepeated || useless.length === mostPools)
      throw fail(
        'PLUGIN_BROKEN',
        'IpamDriver.RequestPool',
        `every pool that it gives overlaps with what the host routes, ${given.subnet} the last`,
      );
  }
}

/** A pool that was named is the user's choice; one of a global space, or of no addresses, hides nothing here. */
function isUsable({ routed }: PoolAsked, { pool, isGlobal }: PoolRequest, { subnet }: GivenPool): boolean {
  const block = readCidr(subnet);
  if (pool !== '' || isGlobal || subnet === '0.0.0.0/0' || !block) return true;
  return !routed.some((destination) => {
    const other = readCidr(destination);
    return other !== undefined && overlaps(block, other);
  });
}
