/** The verbs of networks. */
import { hasCode } from '../errors.ts';
import type { Network, NetworkRequest } from '../model/network.ts';
import { removeNetwork } from '../model/networks.ts';
import { findAskedNetwork } from '../model/references.ts';
import { gatewayNetwork } from '../model/way-out.ts';
import { takeAway } from './change.ts';
import type { Core } from './core.ts';
import { releaseGone } from './external.ts';
import { mapLimit } from './limit.ts';
import { type Connecting, connect, disconnect } from './network-connections.ts';
import { networkDetail } from './network-detail.ts';
import { emit } from './network-events.ts';
import { makeNetwork } from './network-making.ts';
import { rate } from './network-rates.ts';
import { making } from './network-turns.ts';
import type { NetworkVerbs, PoolUsage } from './network-verbs.ts';
import { pluginKey } from './plugin-watch.ts';
import { routeWarnings } from './route-warnings.ts';
import { createSwarmNetwork, deleteSwarmNetwork, findSwarmNetwork, isForSwarm } from './swarm/networks.ts';

/** Networks that `prune` removes concurrently. */
const removedAtOnce = 64;

export function networkVerbs(core: Connecting): NetworkVerbs {
  return {
    list: () => Array.from(core.model.all('networks'), (network) => networkDetail(core, network)),
    get: (ref, scope) =>
      networkDetail(
        core,
        scope === 'swarm' ? findSwarmNetwork(core, ref) : findAskedNetwork(core.model, ref),
      ),
    usage: async (ref) => usage(core, findAskedNetwork(core.model, ref)),
    services: (ref) => core.model.servicesOfNetwork(findAskedNetwork(core.model, ref).id),
    create: (request) => create(core, request),
    remove: (ref) => remove(core, findAskedNetwork(core.model, ref)),
    connect: (ref, containerRef, spec) => connect(core, { ref, containerRef, spec }),
    disconnect: (ref, containerRef, { force }) => disconnect(core, { ref, containerRef, force }),
    rate: (ref, containerRef, asked) => rate(core, { ref, containerRef }, asked),
    prune: (matches) => prune(core, matches),
  };
}

/** Of a swarm's network a manager knows all addresses, a worker those of its own tasks and their peers. */
async function usage({ model, swarm }: Connecting, { id, scope }: Network): Promise<readonly PoolUsage[]> {
  if (scope !== 'swarm' || !swarm.isManaging) return model.leases.status(id);
  const { addressUse } = await import('../swarm/address-use.ts');
  return addressUse(swarm.store().view)(id);
}

async function create(core: Connecting, request: NetworkRequest): Promise<{ id: string; warning: string }> {
  if (isForSwarm(core, request)) {
    const network = await createSwarmNetwork(core, request);
    return { id: network.id, warning: routeWarnings(core, network) };
  }
  // chosen here, because other requests wait for this id
  const id = core.generate.id();
  const network = await making(core, id, () => makeNetwork(core, { id, request }));
  emit(core, 'create', network);
  warmResolver(core);
  return { id: network.id, warning: routeWarnings(core, network) };
}

/** Starts the resolver, which the first container will need, without waiting for it. */
function warmResolver(core: Pick<Core, 'logger' | 'resolver'>): void {
  core.resolver.start().catch((error) => core.logger.error('the resolver does not start', { error }));
}

async function remove(core: Connecting, network: Network): Promise<void> {
  if (network.scope === 'swarm') return deleteSwarmNetwork(core, network);
  await releaseGone(core);
  await takeAway(core, (view) => {
    core.preparations.refuseRemoval(network);
    return removeNetwork(view, network);
  });
  core.retries.drop(pluginKey(network));
  emit(core, 'destroy', network);
}

/** Published ports of a swarm lead to tasks by it, so that it stays, as with Docker, while this node is in one. */
const gatewayOfSwarm = ({ model, swarm }: Pick<Core, 'model' | 'swarm'>): string | undefined =>
  swarm.standing().state === 'inactive' ? undefined : gatewayNetwork(model.drivers)?.name;

async function prune(core: Connecting, matches: (network: Network) => boolean): Promise<readonly string[]> {
  const used = new Set(
    Array.from(core.model.all('containers')).flatMap(({ networks }) =>
      networks.map(({ network }) => network),
    ),
  );
  const staying = gatewayOfSwarm(core);
  const unused = Array.from(core.model.all('networks')).filter(
    (network) =>
      !network.predefined &&
      !network.configOnly &&
      network.name !== staying &&
      (network.scope !== 'swarm' || (core.swarm.isManaging && !network.ingress)) &&
      !used.has(network.name) &&
      core.model.endpointsOfNetwork(network.id).length + core.model.peersOfNetwork(network.id).length === 0 &&
      matches(network),
  );
  const kept = new Set<string>();
  // side by side: the kernel removes many links in hardly more time than one, and the firewall follows once
  await mapLimit(unused, removedAtOnce, (network) =>
    remove(core, network).catch((error) => {
      kept.add(network.id);
      // of a swarm's, the managers know who uses them
      if (hasCode(error, 'SWARM_PRECONDITION')) return;
      core.logger.warn('a network could not be pruned', { network: network.name, error });
    }),
  );
  core.events.emit({ type: 'network', action: 'prune', id: '', attributes: { reclaimed: '0' } });
  return unused.flatMap(({ id, name }) => (kept.has(id) ? [] : [name]));
}
