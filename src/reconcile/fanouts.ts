/**
 * Fanouts, and the namespaces of networks, come with the first endpoint that needs them and go with the last: the
 * network's scope makes and removes them.
 */
import type { RouteSocket } from '../kernel/kernel.ts';
import type { View } from '../model/tables.ts';
import type { Need } from './runs.ts';

export interface FanoutsContext {
  readonly view: View;
  readonly host: Pick<RouteSocket, 'findLink'>;
  /** Whether the network's own namespace is there. */
  hasNamespace(networkId: string): boolean;
  converge(networkId: string, needs: readonly Need[]): Promise<unknown>;
  /** Whether the network converges at the time, so that what is there may be about to go. */
  busy(networkId: string): boolean;
}

/** Before a sandbox converges: what its endpoints are put on is there. */
export async function ensureFanouts(
  sandboxId: string,
  { view, host, converge, busy, hasNamespace }: FanoutsContext,
): Promise<void> {
  for (const { networkId, fanout } of view.endpointsOfSandbox(sandboxId)) {
    if (view.get('networks', networkId)?.overlay && (busy(networkId) || !hasNamespace(networkId)))
      await converge(networkId, view.endpointsOfNetwork(networkId).length > 1 ? ['sandboxes'] : []);
    if (fanout === undefined) continue;
    if (!busy(networkId) && host.findLink(fanout)) continue;
    // others that are on it have lost their links with it
    const isShared = (view.fanouts.loads(networkId).get(fanout) ?? 0) > 1;
    await converge(networkId, isShared ? ['sandboxes'] : []);
  }
}
