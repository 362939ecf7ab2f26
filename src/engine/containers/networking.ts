/** A container's way onto its networks and off them. */
import { affected, type Scopes } from '../../affected/affected.ts';
import { during, fail } from '../../errors.ts';
import type { Container } from '../../model/container.ts';
import type { Endpoint } from '../../model/endpoint.ts';
import type { Network } from '../../model/network.ts';
import { overlay } from '../../model/overlay.ts';
import { isBound } from '../../model/port-index.ts';
import { isMovable, onEndpoint } from '../../model/ports.ts';
import { findContainer } from '../../model/references.ts';
import type { PortMapping, Sandbox } from '../../model/sandbox.ts';
import { joinedBy, openSandbox, type SandboxContext } from '../../model/sandboxes.ts';
import { joinSandbox, leaveSandbox, sandboxOf } from '../../model/sharing.ts';
import type { Change } from '../../model/tables.ts';
import { change, follow } from '../change.ts';
import { sandboxContext } from '../contexts.ts';
import type { Core } from '../core.ts';
import { PortRefused } from '../host-ports.ts';
import { networksMade } from '../network-turns.ts';
import { releaseEndpoints, withPrepared } from '../prepared.ts';
import { forgetFolder } from './folder.ts';
import { refreshDependents, takeNetworkFilesOver, writeNetworkFiles } from './network-files.ts';
import { isAlive } from './stop.ts';

/** How often ports are chosen again because the host turns out to use one. */
const portTries = 64;

/** Bring the container onto its networks, or into the sandbox of another. Answers with the sandbox it is in. */
export async function bringUp(core: Core, container: Container): Promise<Sandbox> {
  const mode = container.hostConfig.NetworkMode;
  if (mode.startsWith('container:')) return join(core, container, mode.slice('container:'.length));
  try {
    return await open(core, container);
  } catch (error) {
    throw during('failed to set up container networking', error);
  }
}

/** Open the container's own sandbox: namespace, links, ports, names, files. */
async function open(core: Core, container: Container): Promise<Sandbox> {
  const asks = joinedBy(core.model, container);
  await networksMade(
    core,
    asks.map(({ network }) => network),
  );
  const { sandbox, parked } = await withPrepared(core, asks, async (prepared) => {
    const opened = withPorts(core, container, (context) =>
      openSandbox(core.model, container, { ...context, prepared }),
    );
    warnOfSharedMacs(core, opened.changes);
    try {
      await change(core, opened.changes);
    } catch (error) {
      core.hostPorts.letGo(opened.sandbox.id);
      throw error;
    }
    return opened;
  });
  if (parked?.parked) await takeNetworkFilesOver(core, parked.parked.containerId, container.id);
  writeNetworkFiles(core, container, sandbox);
  refreshDependents(core, container.id);
  for (const network of networksOf(core, sandbox))
    tellConnection(core, { action: 'connect', network, containerId: container.id });
  return sandbox;
}

/** What a container that has left its sandbox leaves to do. */
export interface Left {
  /** As it was; undefined: it was in none. */
  readonly sandbox: Sandbox | undefined;
  readonly endpoints: readonly Endpoint[];
  /** Its networks, where it was its own. */
  readonly networks: readonly Network[];
  readonly scopes: Scopes;
}

/**
 * Leave what `bringUp` opened or joined, in one commit with a change of the container's own record: who finds it ended
 * finds its networks without it.
 */
export async function leave(core: Core, id: string, also: readonly Change[] = []): Promise<Left> {
  const { model } = core;
  const container = model.get('containers', id);
  const sandbox = container && sandboxOf(model, container);
  const isOwner = sandbox?.containerId === id;
  const networks = isOwner ? networksOf(core, sandbox) : [];
  const endpoints = sandbox ? model.endpointsOfSandbox(sandbox.id) : [];
  const changes = [...also, ...leaveSandbox(overlay(model, also), id)];
  const scopes = affected({ before: model, after: overlay(model, changes) }, changes);
  const left = core.records.keep(changes);
  // as soon as the model has them free: somebody else may want them before the disk has it
  for (const freed of scopes.ports) core.hostPorts.letGo(freed);
  await left;
  return { sandbox, endpoints, networks, scopes };
}

/** The namespace stays as long as anybody is in it, and what is kept of an owner that is gone goes with it. */
export async function followLeave(core: Core, id: string, left: Left): Promise<void> {
  const { sandbox, endpoints, networks, scopes } = left;
  for (const network of networks) tellConnection(core, { action: 'disconnect', network, containerId: id });
  if (!sandbox || scopes.sandboxes.size === 0) return;
  forgetFlows(core, sandbox.ports);
  await follow(core, scopes);
  await releaseEndpoints(core, endpoints);
  const before = sandbox.parked?.containerId;
  const isGone = core.model.get('sandboxes', sandbox.id) === undefined;
  if (isGone && before && !core.model.get('containers', before)) await forgetFolder(core, before);
}

/** Both, for a container that could not be started. */
export const bringDown = async (core: Core, { id }: Container): Promise<void> =>
  followLeave(core, id, await leave(core, id));

/** Enter the sandbox that another container is in, which must be up. It is held from here on. */
async function join(core: Core, container: Container, ref: string): Promise<Sandbox> {
  const other = found(core, ref);
  if (other.id === container.id) throw fail('CONTAINER_STATE', 'cannot join own network');
  const sandbox = sandboxOf(core.model, other);
  if (!sandbox || !isAlive(other))
    throw fail(
      'CONTAINER_STATE',
      `cannot join network namespace of a non running container: container ${other.name} is ${other.state.status}`,
    );
  await core.records.commit(joinSandbox(container, sandbox));
  return sandbox;
}

function found(core: Core, ref: string): Container {
  try {
    return findContainer(core.model, ref);
  } catch (error) {
    throw during('joining network namespace of container', error);
  }
}

/**
 * Make choices, and hold the ports that are among them. Where some program of the host has one, and another
 * would do as well, the choices are made again without it. Throws PortRefused.
 */
export function withPorts<T extends { readonly sandbox: Sandbox }>(
  core: Core,
  container: Container,
  choose: (context: SandboxContext) => T,
): T {
  const occupied = new Set<string>();
  for (let attempt = 1; ; attempt++) {
    const chosen = choose(sandboxContext(core, occupied));
    const { id, ports } = chosen.sandbox;
    try {
      core.hostPorts.hold(id, ports);
      return chosen;
    } catch (error) {
      if (!(error instanceof PortRefused)) throw error;
      if (!isMovable(error.port) || attempt === portTries) throw onEndpoint(container, error.port, error);
      occupied.add(`${error.port.protocol}/${error.port.hostPort}`);
    }
  }
}

/** Nobody is kept from it, as with Docker; but neighbours then reach now one and now the other. */
export function warnOfSharedMacs(core: Core, changes: readonly Change[]): void {
  for (const change of changes) {
    if (change.table !== 'endpoints' || !('put' in change)) continue;
    const { name, mac, networkId } = change.put;
    if (core.model.macs.isTaken(networkId, mac))
      core.logger.warn('a MAC address is in use in the network already', {
        container: name,
        mac,
        network: networkId,
      });
  }
}

/** Change an open sandbox. Its ports are held already; where the change fails, those of before are. */
export async function changeSandbox(
  core: Core,
  changes: readonly Change[],
  { before, after }: { readonly before: Sandbox; readonly after: Sandbox },
): Promise<void> {
  try {
    await change(core, changes);
  } catch (error) {
    core.hostPorts.hold(before.id, before.ports);
    throw error;
  }
  const kept = new Set(after.ports.map(flowOf));
  forgetFlows(
    core,
    before.ports.filter((port) => !kept.has(flowOf(port))),
  );
}

const flowOf = ({ protocol, hostIP, hostPort, address, containerPort }: PortMapping): string =>
  `${protocol} ${hostIP} ${hostPort} ${address} ${containerPort}`;

/** Flows that were tracked to a port live on in the kernel: UDP clients would talk to nobody. Never throws. */
function forgetFlows(core: Core, ports: readonly PortMapping[]): void {
  for (const { protocol, hostPort, address } of ports.filter(isBound)) {
    if (protocol !== 'udp') continue;
    try {
      core.kernel.forgetFlows({ protocol, port: hostPort, address });
    } catch (error) {
      // they end by their own time; what follows must be done all the same
      core.logger.warn('flows to a port are not forgotten', { port: `${address}:${hostPort}/udp`, error });
    }
  }
}

const networksOf = ({ model }: Core, { id }: Sandbox): readonly Network[] =>
  model.endpointsOfSandbox(id).flatMap(({ networkId }) => model.get('networks', networkId) ?? []);

interface Connection {
  readonly action: 'connect' | 'disconnect';
  readonly network: Network;
  readonly containerId: string;
}

function tellConnection({ events }: Core, { action, network, containerId }: Connection): void {
  const attributes = { container: containerId, name: network.name, type: network.driver };
  events.emit({ type: 'network', action, id: network.id, attributes });
}
