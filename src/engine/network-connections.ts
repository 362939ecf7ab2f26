/** Containers connected to networks, and disconnected. */
import { fail, hasCode } from '../errors.ts';
import { seawayProtocol } from '../kernel/kernel.ts';
import type { Container } from '../model/container.ts';
import type { Driver, PreparedEndpoint } from '../model/driver.ts';
import type { EndpointSpec } from '../model/endpoint.ts';
import { checkEndpointSpec } from '../model/endpoint-checks.ts';
import { remembering } from '../model/endpoints.ts';
import type { Network } from '../model/network.ts';
import { findAskedNetwork, findContainer } from '../model/references.ts';
import type { Sandbox } from '../model/sandbox.ts';
import { connectSandbox, disconnectSandbox } from '../model/sandboxes.ts';
import type { View } from '../model/tables.ts';
import { change, takeAway } from './change.ts';
import { changeSandbox, type Networking } from './containers/networking.ts';
import type { Core } from './core.ts';
import type { ConnectingNamespaces } from './external.ts';
import { attachedBy, attachedTo, ensureGatewayNetwork } from './gateway-network.ts';
import type { NetworkSources } from './network-context.ts';
import { emit } from './network-events.ts';
import { networksMade } from './network-turns.ts';
import { withPrepared } from './prepared.ts';
import { withPlaces } from './swarm/attaching.ts';

export type Connecting = ConnectingNamespaces & NetworkSources & Networking;

export interface Connection {
  readonly ref: string;
  readonly containerRef: string;
  readonly spec: Omit<EndpointSpec, 'network'>;
}

export function connect(core: Connecting, { ref, containerRef, spec }: Connection): Promise<void> {
  const { id } = findContainer(core.model, containerRef);
  const wanted = { id, ref, spec };
  const run = (task: () => Promise<void>) =>
    core.queue.run(id, () => core.tracer.run({ kind: 'network', name: 'connect' }, task));
  return run(async () => {
    const container = findContainer(core.model, id);
    const isUp = core.model.sandboxOfContainer(id) !== undefined;
    const specs = isUp ? [{ ...spec, network: ref }] : [];
    await withPlaces(core, { container, specs }, async (places) => {
      await networksMade(core, [ref]);
      // before drivers are called
      const { network, sandbox } = connecting(core.model, wanted);
      if (sandbox) await connectRunning(core, wanted, places);
      else await change(core, (view) => [{ table: 'containers', put: connecting(view, wanted).container }]);
      emit(core, 'connect', network, id);
    });
  });
}

interface ContainerConnection {
  readonly id: string;
  readonly ref: string;
  readonly spec: Omit<EndpointSpec, 'network'>;
}

/** The container with the network added to its record. Throws if Docker's rules do not allow it. */
function connecting(view: View, { id, ref, spec }: ContainerConnection) {
  const container = findContainer(view, id);
  const network = findAskedNetwork(view, ref);
  const asked: EndpointSpec = { ...spec, network: network.name };
  refuseConnect(container, { network, driver: view.drivers.find(network.driver), spec: asked });
  const remembered: Container = { ...container, networks: [...container.networks, asked] };
  return { container: remembered, network, spec: asked, sandbox: view.sandboxOfContainer(id) };
}

/** Docker's rules about host, none and shared namespaces, and about requested addresses and MAC addresses. */
function refuseConnect(
  container: Container,
  { network, driver, spec }: { network: Network; driver: Driver; spec: EndpointSpec },
): void {
  const refuse = (why: string): never => {
    throw fail('NETWORK_MODE_CONFLICT', why);
  };
  const sharing =
    'container sharing network namespace with another container or host cannot be connected to any other network';
  const mode = container.hostConfig.NetworkMode;
  if (mode.startsWith('container:')) refuse(sharing);
  checkEndpointSpec(network, spec);
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
  core: Connecting,
  wanted: ContainerConnection,
  places: ReadonlyMap<string, PreparedEndpoint>,
): Promise<void> {
  const { container, spec: asked, sandbox: joined } = connecting(core.model, wanted);
  if (!joined) throw fail('CONTAINER_NOT_RUNNING', wanted.id);
  const { path: sandboxPath, sysctls } = joined;
  const destination = { name: container.name, sandboxPath, sysctls, container };
  await withPrepared(core, { specs: [asked], destination }, async (answered) => {
    const prepared = new Map([...answered, ...places]);
    const staying = attachedTo(core, core.model.endpointsOfSandbox(joined.id));
    await ensureGatewayNetwork(core, [...staying, ...attachedBy(core, [asked], prepared)]);
    return changeSandbox(core, container, (view, context) => {
      const { sandbox, ...request } = connecting(view, wanted);
      if (!sandbox) throw fail('CONTAINER_NOT_RUNNING', wanted.id);
      const connected = connectSandbox(view, { ...request, sandbox }, { ...context, prepared });
      refuseOtherDefault(core, sandbox, connected.sandbox);
      const networks = request.container.networks.map((spec) =>
        spec === request.spec ? remembering(spec, connected.endpoint) : spec,
      );
      const put: Container = { ...request.container, networks };
      return { ...connected, changes: [...connected.changes, { table: 'containers', put }] };
    });
  });
}

/**
 * Refuses a network that would replace a default route that a program in the container has made. Throws KERNEL, in
 * Docker's words.
 */
function refuseOtherDefault(core: Pick<Core, 'reconciler'>, before: Sandbox, after: Sandbox): void {
  const moved = [
    ...(after.gateway4 && after.gateway4 !== before.gateway4 ? ['0.0.0.0/0'] : []),
    ...(after.gateway6 && after.gateway6 !== before.gateway6 ? ['::/0'] : []),
  ];
  if (moved.length === 0) return;
  const routes = core.reconciler.namespaceOf(after.id).route.listRoutes();
  if (routes.some(({ destination, protocol }) => moved.includes(destination) && protocol !== seawayProtocol))
    throw fail('KERNEL', 'updating gateway endpoint: failed to set gateway', 'file exists');
}

export function disconnect(
  core: Connecting,
  { ref, containerRef, force }: { ref: string; containerRef: string; force: boolean },
): Promise<void> {
  const network = networkOf(core, ref);
  const { id } = findContainer(core.model, containerRef);
  if (!network) return core.queue.run(id, () => forgetNetwork(core, id, { name: ref, force }));
  const wanted = { id, network, force };
  return core.queue.run(id, async () => {
    if (disconnecting(core.model, wanted).attached) await disconnectRunning(core, wanted);
    else
      await takeAway(core, (view) => [{ table: 'containers', put: disconnecting(view, wanted).container }]);
    emit(core, 'disconnect', network, id);
  });
}

interface ContainerDisconnection {
  readonly id: string;
  readonly network: Network;
  readonly force: boolean;
}

/** The container without the network, and its endpoint if it is attached. Throws if it may not be disconnected. */
function disconnecting(view: View, { id, network, force }: ContainerDisconnection) {
  const container = findContainer(view, id);
  if (container.hostConfig.NetworkMode === 'host' && !force)
    throw fail(
      'NETWORK_MODE_CONFLICT',
      'cannot disconnect container from host network - container was created in host network mode',
    );
  if (!container.networks.some((spec) => spec.network === network.name))
    throw fail('NOT_CONNECTED', id, network.name);
  const networks = container.networks.filter((spec) => spec.network !== network.name);
  const remembered: Container = { ...container, networks };
  const sandbox = view.sandboxOfContainer(id);
  const endpoint =
    sandbox && view.endpointsOfSandbox(sandbox.id).find(({ networkId }) => networkId === network.id);
  return { container: remembered, ...(sandbox && endpoint && { attached: { sandbox, endpoint } }) };
}

function networkOf(core: Pick<Core, 'model'>, ref: string): Network | undefined {
  try {
    return findAskedNetwork(core.model, ref);
  } catch (error) {
    if (hasCode(error, 'NETWORK_NOT_FOUND')) return undefined;
    throw error;
  }
}

/** Removes a network that no longer exists from the container's record. Throws NETWORK_NOT_FOUND, NOT_CONNECTED. */
async function forgetNetwork(
  core: Connecting,
  id: string,
  { name, force }: { readonly name: string; readonly force: boolean },
): Promise<void> {
  await takeAway(core, (view) => {
    const container = findContainer(view, id);
    const networks = container.networks.filter(({ network }) => network !== name);
    if (networks.length === container.networks.length)
      throw force ? fail('NOT_CONNECTED', id, name) : fail('NETWORK_NOT_FOUND', name);
    return [{ table: 'containers', put: { ...container, networks } }];
  });
}

async function disconnectRunning(core: Connecting, wanted: ContainerDisconnection): Promise<void> {
  const { container, attached: leaving } = disconnecting(core.model, wanted);
  const staying = leaving ? core.model.endpointsOfSandbox(leaving.sandbox.id) : [];
  await ensureGatewayNetwork(
    core,
    attachedTo(
      core,
      staying.filter(({ id }) => id !== leaving?.endpoint.id),
    ),
  );
  await changeSandbox(
    core,
    container,
    (view, context) => {
      const { container: put, attached } = disconnecting(view, wanted);
      if (!attached) throw fail('NOT_CONNECTED', wanted.id, wanted.network.name);
      const { changes, sandbox } = disconnectSandbox(view, { container: put, ...attached }, context);
      return { sandbox, changes: [{ table: 'containers', put }, ...changes] };
    },
    { isRemoval: true },
  );
}
