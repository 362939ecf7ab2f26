/** Networks: created, connected to, disconnected from, removed. */
import { fail, hasCode } from '../errors.ts';
import { seawayProtocol } from '../kernel/kernel.ts';
import type { Container } from '../model/container.ts';
import type { Driver } from '../model/driver.ts';
import type { Endpoint, EndpointAsk } from '../model/endpoint.ts';
import { checkEndpointAsk } from '../model/endpoint-checks.ts';
import { remembering } from '../model/endpoints.ts';
import { routeConflicts } from '../model/host-routes.ts';
import type { Network, NetworkDraft } from '../model/network.ts';
import { createNetwork, removeNetwork } from '../model/networks.ts';
import { findContainer, findNetwork } from '../model/references.ts';
import type { Sandbox } from '../model/sandbox.ts';
import { connectSandbox, disconnectSandbox } from '../model/sandboxes.ts';
import type { Change } from '../model/tables.ts';
import { change } from './change.ts';
import { refreshNetworkFiles } from './containers/network-files.ts';
import { changeSandbox, warnOfSharedMacs, withPorts } from './containers/networking.ts';
import { networkContext } from './contexts.ts';
import type { Core } from './core.ts';
import { releaseGone } from './foreign.ts';
import { listForeignRoutes } from './host-routes.ts';
import { mapLimit } from './limit.ts';
import { networksMade, untilMade } from './network-turns.ts';
import { releaseEndpoints, withPrepared } from './prepared.ts';
import type { NetworkDetail, NetworkVerbs } from './verbs.ts';

/** Networks that `prune` removes side by side. */
const removedAtOnce = 64;

export function networkVerbs(core: Core): NetworkVerbs {
  return {
    list: () => Array.from(core.model.all('networks'), (network) => detail(core, network)),
    get: (ref) => detail(core, findNetwork(core.model, ref)),
    usage: (ref) => core.model.leases.status(findNetwork(core.model, ref).id),
    create: (draft) => create(core, draft),
    remove: (ref) => remove(core, findNetwork(core.model, ref)),
    connect: (ref, containerRef, ask) => connect(core, { ref, containerRef, ask }),
    disconnect: (ref, containerRef, { force }) => disconnect(core, { ref, containerRef, force }),
    prune: (matches) => prune(core, matches),
  };
}

const detail = (core: Core, network: Network): NetworkDetail => ({
  network,
  endpoints: core.model.endpointsOfNetwork(network.id),
});

async function create(core: Core, draft: NetworkDraft): Promise<{ id: string; warning: string }> {
  const network = createNetwork(core.model, draft, networkContext(core));
  const made = change(core, [{ table: 'networks', put: network }]);
  await untilMade(core, network.id, made);
  tell(core, 'create', network);
  warmResolver(core);
  return { id: network.id, warning: conflictsOf(core, network) };
}

/** An explicit subnet that overlaps a host route is allowed, with a warning. */
function conflictsOf(core: Core, { id }: Network): string {
  const conflicts = routeConflicts(core.model, listForeignRoutes(core)).filter(
    ({ network }) => network.id === id,
  );
  return conflicts
    .map(({ subnet, route }) => `subnet ${subnet} overlaps with the host's route to ${route.destination}`)
    .join('; ');
}

/** Its first container will need it: it starts meanwhile, and nobody waits for it here. */
function warmResolver(core: Core): void {
  core.resolver.start().catch((error) => core.logger.error('the resolver does not start', { error }));
}

async function remove(core: Core, network: Network): Promise<void> {
  await releaseGone(core);
  const changes = removeNetwork(core.model, network);
  await change(core, changes);
  tell(core, 'destroy', network);
}

interface Connection {
  readonly ref: string;
  readonly containerRef: string;
  readonly ask: Omit<EndpointAsk, 'network'>;
}

function connect(core: Core, { ref, containerRef, ask }: Connection): Promise<void> {
  const { id } = findContainer(core.model, containerRef);
  return core.queue.run(id, async () => {
    await networksMade(core, [ref]);
    const container = findContainer(core.model, id);
    const network = findNetwork(core.model, ref);
    const asked: EndpointAsk = { ...ask, network: network.name };
    refuseConnect(container, { network, driver: core.model.drivers.find(network.driver), ask: asked });
    const remembered = { ...container, networks: [...container.networks, asked] };
    const sandbox = core.model.sandboxOfContainer(id);
    if (sandbox) await connectRunning(core, { container: remembered, sandbox, ask: asked });
    else await core.records.commit([{ table: 'containers', put: remembered }]);
    tell(core, 'connect', network, id);
  });
}

/** Docker's rules about host, none and shared namespaces, and about what is asked of the place. */
function refuseConnect(
  container: Container,
  { network, driver, ask }: { network: Network; driver: Driver; ask: EndpointAsk },
): void {
  const refuse = (why: string): never => {
    throw fail('NETWORK_MODE_CONFLICT', why);
  };
  const sharing =
    'container sharing network namespace with another container or host cannot be connected to any other network';
  const mode = container.hostConfig.NetworkMode;
  if (mode.startsWith('container:')) refuse(sharing);
  checkEndpointAsk(network, ask);
  if (mode !== 'host' && driver.sharesHost)
    refuse('cannot connect container to host network - container must be created in host network mode');
  const joined = container.networks.map((each) => each.network);
  if (joined.includes(network.name)) throw fail('ENDPOINT_EXISTS', container.name, network.name);
  if (joined.includes('host')) refuse(sharing);
  if (joined.length > 0 && [...joined, network.name].includes('none'))
    refuse(
      'container cannot be connected to multiple networks with one of the networks in private (none) mode',
    );
  if (network.configOnly)
    throw fail('NETWORK_CONFLICT', 'cannot create endpoint on configuration-only network');
}

async function connectRunning(
  core: Core,
  request: { readonly container: Container; readonly sandbox: Sandbox; readonly ask: EndpointAsk },
): Promise<void> {
  const { container, sandbox } = request;
  await withPrepared(core, [request.ask], async (prepared) => {
    const {
      endpoint,
      changes,
      sandbox: settled,
    } = withPorts(core, container, (context) => {
      const connected = connectSandbox(core.model, request, { ...context, prepared });
      refuseOtherDefault(core, sandbox, connected.sandbox);
      return connected;
    });
    warnOfSharedMacs(core, changes);
    const networks = container.networks.map((ask) =>
      ask.network === request.ask.network ? remembering(ask, endpoint) : ask,
    );
    const all: Change[] = [...changes, { table: 'containers', put: { ...container, networks } }];
    await changeSandbox(core, all, { before: sandbox, after: settled });
  });
  await refreshNetworkFiles(core, container.id);
}

/**
 * A default route that a program in the container has made is left alone, and a network that would need its place
 * is not connected. Throws KERNEL, in Docker's words.
 */
function refuseOtherDefault(core: Core, before: Sandbox, after: Sandbox): void {
  const moved = [
    ...(after.gateway4 && after.gateway4 !== before.gateway4 ? ['0.0.0.0/0'] : []),
    ...(after.gateway6 && after.gateway6 !== before.gateway6 ? ['::/0'] : []),
  ];
  if (moved.length === 0) return;
  const routes = core.reconciler.namespaceOf(after.id).route.listRoutes();
  if (routes.some(({ destination, protocol }) => moved.includes(destination) && protocol !== seawayProtocol))
    throw fail('KERNEL', 'updating gateway endpoint: failed to set gateway', 'file exists');
}

function disconnect(
  core: Core,
  { ref, containerRef, force }: { ref: string; containerRef: string; force: boolean },
): Promise<void> {
  const network = networkOf(core, ref);
  const { id } = findContainer(core.model, containerRef);
  if (!network) return core.queue.run(id, () => forgetNetwork(core, id, { name: ref, force }));
  return core.queue.run(id, async () => {
    const container = findContainer(core.model, id);
    if (container.hostConfig.NetworkMode === 'host' && !force)
      throw fail(
        'NETWORK_MODE_CONFLICT',
        'cannot disconnect container from host network - container was created in host network mode',
      );
    if (!container.networks.some((ask) => ask.network === network.name))
      throw fail('NOT_CONNECTED', id, network.name);
    const networks = container.networks.filter((ask) => ask.network !== network.name);
    const remembered: Container = { ...container, networks };
    const sandbox = core.model.sandboxOfContainer(id);
    const endpoint =
      sandbox && core.model.endpointsOfSandbox(sandbox.id).find(({ networkId }) => networkId === network.id);
    if (sandbox && endpoint) await disconnectRunning(core, { container: remembered, sandbox, endpoint });
    else await core.records.commit([{ table: 'containers', put: remembered }]);
    tell(core, 'disconnect', network, id);
  });
}

function networkOf(core: Core, ref: string): Network | undefined {
  try {
    return findNetwork(core.model, ref);
  } catch (error) {
    if (hasCode(error, 'NETWORK_NOT_FOUND')) return undefined;
    throw error;
  }
}

/** A network that was removed while the container was down: it no longer asks for it. Throws NETWORK_NOT_FOUND, NOT_CONNECTED. */
async function forgetNetwork(
  core: Core,
  id: string,
  { name, force }: { readonly name: string; readonly force: boolean },
): Promise<void> {
  const container = findContainer(core.model, id);
  const networks = container.networks.filter(({ network }) => network !== name);
  if (networks.length === container.networks.length)
    throw force ? fail('NOT_CONNECTED', id, name) : fail('NETWORK_NOT_FOUND', name);
  await core.records.commit([{ table: 'containers', put: { ...container, networks } }]);
}

async function disconnectRunning(
  core: Core,
  request: { readonly container: Container; readonly sandbox: Sandbox; readonly endpoint: Endpoint },
): Promise<void> {
  const { container, sandbox } = request;
  const { changes, sandbox: settled } = withPorts(core, container, (context) =>
    disconnectSandbox(core.model, request, context),
  );
  const all: Change[] = [{ table: 'containers', put: container }, ...changes];
  await changeSandbox(core, all, { before: sandbox, after: settled });
  await releaseEndpoints(core, [request.endpoint]);
  await refreshNetworkFiles(core, container.id);
}

async function prune(core: Core, matches: (network: Network) => boolean): Promise<readonly string[]> {
  const used = new Set(
    Array.from(core.model.all('containers')).flatMap(({ networks }) =>
      networks.map(({ network }) => network),
    ),
  );
  const unused = Array.from(core.model.all('networks')).filter(
    (network) =>
      !network.predefined &&
      !network.configOnly &&
      !used.has(network.name) &&
      core.model.endpointsOfNetwork(network.id).length === 0 &&
      matches(network),
  );
  const kept = new Set<string>();
  // side by side: the kernel removes many links in hardly more time than one, and the firewall follows once
  await mapLimit(unused, removedAtOnce, (network) =>
    remove(core, network).catch((error) => {
      kept.add(network.id);
      core.logger.warn('a network could not be pruned', { network: network.name, error });
    }),
  );
  core.events.emit({ type: 'network', action: 'prune', id: '', attributes: { reclaimed: '0' } });
  return unused.flatMap(({ id, name }) => (kept.has(id) ? [] : [name]));
}

/** Events of networks carry the network's name and type and, for connections, the container. */
export function tell(core: Core, action: string, network: Network, container?: string): void {
  const attributes = { name: network.name, type: network.driver, ...(container ? { container } : {}) };
  core.events.emit({ type: 'network', action, id: network.id, attributes });
}
