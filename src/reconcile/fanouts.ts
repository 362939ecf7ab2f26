/**
 * Fanouts and the namespaces of networks exist while endpoints need them; the network's scope makes and removes
 * them.
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
  /** Whether the network is converging, which may remove an existing fanout. */
  busy(networkId: string): boolean;
}

/** Makes the fanouts of a sandbox's endpoints, before the sandbox converges. */
export async function ensureFanouts(
  sandboxId: string,
  { view, host, converge, busy, hasNamespace }: FanoutsContext,
): Promise<void> {
  for (const { networkId, fanout } of view.endpointsOfSandbox(sandboxId)) {
    if (view.get('networks', networkId)?.overlay && (busy(networkId) || !hasNamespace(networkId)))
      await converge(networkId, view.endpointsOfNetwork(networkId).length > 1 ? ['sandboxes'] : []);
    if (fanout === undefined) continue;
    if (!busy(networkId) && host.findLink(fanout)) continue;
    // the links of its other endpoints were lost with it
    const isShared = (view.fanouts.loads(networkId).get(fanout) ?? 0) > 1;
    await converge(networkId, isShared ? ['sandboxes'] : []);
  }
}
