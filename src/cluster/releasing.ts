/** Gives endpoints up in the store once the kernel has dropped their addresses. */
import { hasCode } from '../errors.ts';
import { type Claim, claimId } from '../model/claim.ts';
import type { Endpoint } from '../model/endpoint.ts';
import type { Peer } from '../model/peer.ts';
import { peerOf } from '../model/shared.ts';
import type { View } from '../model/tables.ts';
import { bare } from '../net/address.ts';
import { StoreConflict } from '../store/conflict.ts';
import { transact } from './committing.ts';
import type { ClusterContext } from './context.ts';
import type { Leaver } from './leaving.ts';
import { operationsOf } from './operations.ts';

/** Never rejects. What fails is left to a comparison with the store, which `later` schedules. */
export async function release(
  context: ClusterContext,
  leavers: readonly Leaver[],
  later: () => void,
): Promise<void> {
  const { gate, logger, standing } = context;
  const { leaving } = standing;
  const due = leaving.release(leavers);
  try {
    await gate.share(() => Promise.all(due.map((endpoint) => releaseOne(context, endpoint, later))));
  } catch (error) {
    logger.warn('an address is given up in the cluster store later', { error });
    later();
  } finally {
    leaving.end(due.map(({ id }) => id));
  }
}

/** The claim goes first: this host must not count on an address that the store may have given up. */
async function releaseOne(context: ClusterContext, endpoint: Endpoint, later: () => void): Promise<void> {
  const { standing, mirror, here, now, view } = context;
  // its claims stay: it may come back to its addresses
  if (standing.why || standing.isFrozen) return later();
  const change = { kind: 'endpoint', gone: endpoint } as const;
  const { transaction } = operationsOf([change], { mirror, here, now: now() });
  const claims = claimsOf(view, peerOf(endpoint, here));
  await context.arrive(claims.map(({ id }) => ({ table: 'claims', remove: id })));
  try {
    await transact(context, { transaction, claims: [] }, later);
  } catch (error) {
    if (error instanceof StoreConflict) await context.arrive(error.others);
    // the store was not asked
    else if (hasCode(error, 'KV_AWAY')) await context.arrive(claims.map((put) => ({ table: 'claims', put })));
    later();
  }
}

/** Without those of addresses that another endpoint of this host has taken over. */
const claimsOf = (view: View, { id, networkId, addresses }: Peer): readonly Claim[] =>
  addresses
    .flatMap((address) => view.get('claims', claimId(networkId, bare(address))) ?? [])
    .filter(({ endpointId }) => endpointId === id);
