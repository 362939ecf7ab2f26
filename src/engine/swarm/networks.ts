/** Networks of the swarm: made and removed in the store of its managers; each node follows. */
import { randomBytes } from 'node:crypto';
import { fail, hasCode, messageOf } from '../../errors.ts';
import type { Network, NetworkRequest } from '../../model/network.ts';
import { createNetwork, type NetworkContext } from '../../model/networks.ts';
import type { Node } from '../../model/node.ts';
import { overlay } from '../../model/overlay.ts';
import type { Change, View } from '../../model/tables.ts';
import { swarmIdOf } from '../../swarm/context.ts';
import { isNodeLocal, removeSwarmNetwork } from '../../swarm/networks.ts';
import type { SwarmNode, SwarmView } from '../../swarm/records.ts';
import type { Core } from '../core.ts';
import { type NetworkSources, networkContext } from '../network-context.ts';

export type SwarmNetworking = NetworkSources & Pick<Core, 'records' | 'swarm'>;

/** Whether a request is for all nodes. Throws where this node cannot make it, in Docker's words. */
export function isForSwarm(
  core: SwarmNetworking,
  { driver, scope, configOnly, ingress }: NetworkRequest,
): boolean {
  if (configOnly) return false;
  const isActive = core.swarm.standing().state !== 'inactive';
  if (scope === 'swarm' && !isActive)
    throw fail('NETWORK_CONFLICT', 'cannot create a swarm scoped network when swarm is not active');
  const { names } = core.model.drivers;
  const isShared = names.includes(driver) && core.model.drivers.find(driver).chooseOverlay !== undefined;
  if (scope === 'local' && isShared)
    throw fail('NETWORK_CONFLICT', `cannot downgrade network scope for ${driver} networks`);
  if (scope === 'swarm' && !isShared)
    throw fail('NOT_SUPPORTED', `a network of scope swarm by driver ${driver}`);
  if (!isShared || !isActive) {
    if (ingress) throw fail('NETWORK_CONFLICT', 'Ingress network can only be global scope network');
    return false;
  }
  if (!core.swarm.standing().isManager) throw fail('NETWORK_CONFLICT', messageOf(fail('NOT_SWARM_MANAGER')));
  return true;
}

/** Of scope swarm, by id, name or prefix: also `bridge` and `host` of each node, which only managers know as such. */
export function findSwarmNetwork(core: Pick<Core, 'model' | 'swarm'>, ref: string): Network {
  const ofStore = core.swarm.isManaging
    ? Array.from(core.swarm.store().view.all('networks')).filter(isNodeLocal)
    : [];
  const all = [
    ...Array.from(core.model.all('networks')).filter(({ scope }) => scope === 'swarm'),
    ...ofStore.map(({ network }) => network),
  ];
  const exact = all.find(({ id }) => id === ref) ?? all.find(({ name }) => name === ref);
  if (exact) return exact;
  const [found, ...more] = ref === '' ? [] : all.filter(({ id }) => id.startsWith(ref));
  if (!found) throw fail('NETWORK_NOT_FOUND', ref);
  if (more.length > 0) throw fail('NETWORK_AMBIGUOUS', ref, more.length + 1);
  return found;
}

export async function createSwarmNetwork(core: SwarmNetworking, request: NetworkRequest): Promise<Network> {
  const id = swarmIdOf(randomBytes(16));
  const network = await core.swarm.store().transact((view) => {
    const made = choose(core, view, { id, request });
    const meta = { id, version: 0, createdAt: made.created, updatedAt: made.created };
    return { changes: [{ table: 'networks', put: { ...meta, network: made } }], result: made };
  });
  // whoever has the answer finds it
  if (!core.model.get('networks', id)) await core.records.arrive([{ table: 'networks', put: network }]);
  return network;
}

export async function deleteSwarmNetwork(core: SwarmNetworking, { id }: Network): Promise<void> {
  await core.swarm.store().transact(removeSwarmNetwork(id));
  const isUnused = core.model.endpointsOfNetwork(id).length + core.model.peersOfNetwork(id).length === 0;
  if (isUnused && core.model.get('networks', id))
    await core.records.arrive([{ table: 'networks', remove: id }]);
}

interface Wanted {
  readonly id: string;
  readonly request: NetworkRequest;
}

/** Pools that a node of the swarm routes are avoided as long as others are left. */
function choose(core: SwarmNetworking, swarm: SwarmView, { id, request }: Wanted): Network {
  const view = overlay(core.model, networksOf(core.model, swarm));
  const ingress = request.ingress && Array.from(swarm.all('networks')).find(({ network }) => network.ingress);
  if (ingress && request.attachable) throw fail('SWARM_INVALID', 'ingress network cannot be attachable');
  if (ingress) throw fail('SWARM_EXISTS', `ingress network (${ingress.id}) is already present`);
  const [cluster] = swarm.all('cluster');
  const bases = cluster?.addressPools.length ? cluster.addressPools : ['10.0.0.0/8'];
  const own = networkContext(core, id);
  const context: NetworkContext = {
    ...own,
    routed: [...own.routed, ...routesOf(swarm)],
    swarm: {
      pools: bases.map((base) => ({ base, size: cluster?.subnetSize || 24 })),
      nodes: nodesOf(core, swarm),
    },
  };
  try {
    return createNetwork(view, request, context);
  } catch (error) {
    if (!hasCode(error, 'POOLS_EXHAUSTED')) throw error;
    return createNetwork(view, request, { ...context, routed: [] });
  }
}

/** From the networks that this host knows to those of the swarm. */
function networksOf(view: View, swarm: SwarmView): readonly Change[] {
  const puts = Array.from(swarm.all('networks')).flatMap((one): Change[] =>
    isNodeLocal(one) ? [] : [{ table: 'networks', put: one.network }],
  );
  const gone = Array.from(view.all('networks')).flatMap(({ id, scope }): Change[] =>
    scope === 'swarm' && !swarm.get('networks', id) ? [{ table: 'networks', remove: id }] : [],
  );
  return [...gone, ...puts];
}

const routesOf = (swarm: SwarmView): readonly string[] =>
  Array.from(swarm.all('nodes')).flatMap(({ description }) => description?.routes ?? []);

/** Those that have said where their tunnels end. */
function nodesOf({ swarm }: Pick<Core, 'swarm'>, view: SwarmView): readonly Node[] {
  const { nodeId } = swarm.standing();
  return Array.from(view.all('nodes')).flatMap((node) => {
    const made = nodeOf(node);
    return made ? [{ ...made, ...(node.id === nodeId && { here: true as const }) }] : [];
  });
}

function nodeOf({ id, description }: SwarmNode): Node | undefined {
  if (!description) return undefined;
  const { hostname, data4, data6, mtu, tunnelKey } = description;
  return {
    ...{ id, name: hostname, advertise: '', instance: '', mtu },
    ...(data4 !== undefined && { data4 }),
    ...(data6 !== undefined && { data6 }),
    ...(tunnelKey !== undefined && { key: tunnelKey }),
  };
}
