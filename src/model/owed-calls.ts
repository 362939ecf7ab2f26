/** Requests to plugins that follow from changed records, for the same commit. Pure. */
import type { Endpoint } from './endpoint.ts';
import type { Network } from './network.ts';
import {
  aboutEndpoint,
  aboutNetwork,
  entriesFor,
  type OutboxEntry,
  type OutboxGenerators,
  type PluginCall,
  releaseAddress,
  releasePool,
} from './outbox.ts';
import type { Sandbox } from './sandbox.ts';
import type { Change, View } from './tables.ts';

/**
 * What the changes mean for the outbox: who goes is taken back from the plugins that gave to it, and who is on record
 * now is no longer in preparation.
 */
export function owedBy(
  view: View,
  changes: readonly Change[],
  generate: OutboxGenerators,
): readonly Change[] {
  const waiting = [...view.all('outbox')];
  return changes.flatMap((change): readonly Change[] => {
    if (change.table === 'endpoints')
      return 'put' in change
        ? discharged(waiting, aboutEndpoint(change.put.id))
        : puts(endpointGone(view, change.remove), aboutEndpoint(change.remove), generate);
    if (change.table === 'networks')
      return 'put' in change
        ? discharged(waiting, aboutNetwork(change.put.id))
        : puts(networkGone(view, change.remove), aboutNetwork(change.remove), generate);
    if (change.table === 'sandboxes' && 'put' in change)
      return movedGateways(view, change.put, changes, generate);
    return [];
  });
}

const discharged = (waiting: readonly OutboxEntry[], about: string): readonly Change[] =>
  waiting.flatMap((entry) =>
    entry.about === about && entry.state !== 'due' ? [{ table: 'outbox', remove: entry.id } as const] : [],
  );

const puts = (calls: readonly PluginCall[], about: string, generate: OutboxGenerators): readonly Change[] =>
  entriesFor(about, calls, generate).map((put) => ({ table: 'outbox', put }));

/** The calls of the network's driver, then those that release the addresses. */
function endpointGone(view: View, id: string): readonly PluginCall[] {
  const endpoint = view.get('endpoints', id);
  const network = endpoint && view.get('networks', endpoint.networkId);
  if (!endpoint || !network) return [];
  const asking = view.drivers.find(network.driver).asking;
  const isWayOut = isGateway(view.get('sandboxes', endpoint.sandboxId), endpoint);
  return [
    ...(isWayOut ? (asking?.closing?.(network, endpoint) ?? []) : []),
    ...(endpoint.answers ? (asking?.endpointGone(network, endpoint) ?? []) : []),
    ...(endpoint.leases ?? []).map(({ pool, address }) => releaseAddress(network.ipam.driver, pool, address)),
  ];
}

const isGateway = (sandbox: Sandbox | undefined, { id }: Endpoint): boolean =>
  sandbox?.gateway4 === id || sandbox?.gateway6 === id;

/** Addresses, pools, then the driver's calls, in Docker's order. */
function networkGone(view: View, id: string): readonly PluginCall[] {
  const network = view.get('networks', id);
  if (!network || network.configOnly) return [];
  return [...poolsGone(network), ...(view.drivers.find(network.driver).asking?.networkGone(network) ?? [])];
}

/** Empty where the engine has chosen the addresses itself. */
export const poolsGone = ({ ipam }: Pick<Network, 'ipam'>): readonly PluginCall[] =>
  ipam.pools.flatMap(({ lease }) =>
    lease
      ? [
          ...lease.addresses.map((address) => releaseAddress(ipam.driver, lease.id, address)),
          releasePool(ipam.driver, lease.id),
        ]
      : [],
  );

/** Endpoints that remain in a sandbox but are no longer its way out. */
function movedGateways(
  view: View,
  after: Sandbox,
  changes: readonly Change[],
  generate: OutboxGenerators,
): readonly Change[] {
  const before = view.get('sandboxes', after.id);
  const removed = changes.flatMap((one) =>
    one.table === 'endpoints' && 'remove' in one ? [one.remove] : [],
  );
  return [...new Set([before?.gateway4, before?.gateway6])].flatMap((id) => {
    const endpoint = id ? view.get('endpoints', id) : undefined;
    const network = endpoint && view.get('networks', endpoint.networkId);
    if (!endpoint || !network || removed.includes(endpoint.id) || isGateway(after, endpoint)) return [];
    const calls = view.drivers.find(network.driver).asking?.closing?.(network, endpoint) ?? [];
    return puts(calls, aboutEndpoint(endpoint.id), generate);
  });
}

/** All that plugins gave, with the mounts of their volumes, in the order in which they are to take it back. */
export function owedByAll(view: View, mounts: readonly PluginCall[]): readonly OutboxEntry[] {
  const waiting = [...view.all('outbox')].sort((a, b) => (a.id < b.id ? -1 : 1));
  const objects: readonly (readonly [string, readonly PluginCall[]])[] = [
    ...Array.from(view.all('endpoints'), ({ id }) => [aboutEndpoint(id), endpointGone(view, id)] as const),
    ...Array.from(view.all('networks'), ({ id }) => [aboutNetwork(id), networkGone(view, id)] as const),
    ...mounts.map((call) => [`mount:${call.body.ID}`, [call]] as const),
  ];
  const due = objects.flatMap(([about, calls]) =>
    calls.map((call) => ({ ...call, about, since: '', state: 'due' as const })),
  );
  return [...waiting, ...due].map((entry, index) => ({ ...entry, id: String(index).padStart(9, '0') }));
}
