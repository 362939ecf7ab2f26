/** A container's way onto its networks and off them. */
import type { Scopes } from '../../affected/affected.ts';
import { during, fail } from '../../errors.ts';
import type { Container } from '../../model/container.ts';
import { isAlive } from '../../model/container-state.ts';
import type { PreparedEndpoint } from '../../model/driver.ts';
import type { Endpoint, Membership } from '../../model/endpoint.ts';
import { isWayOut } from '../../model/gateway.ts';
import type { Network } from '../../model/network.ts';
import { overlay } from '../../model/overlay.ts';
import { publishedSpecs } from '../../model/port-specs.ts';
import { onEndpoint, placeOf } from '../../model/ports.ts';
import { findContainer, findNetwork } from '../../model/references.ts';
import type { Sandbox } from '../../model/sandbox.ts';
import { joinedBy, netSysctlsOf, openSandbox, type SandboxContext } from '../../model/sandboxes.ts';
import { joinSandbox, leaveSandbox, parkedFor, sandboxOf } from '../../model/sharing.ts';
import type { Change, View } from '../../model/tables.ts';
import { type Changing, change, follow, keep, takeAway } from '../change.ts';
import type { Core } from '../core.ts';
import { attachedBy, ensureGatewayNetwork, type LeadingOut } from '../gateway-network.ts';
import { PortRefused } from '../host-ports.ts';
import { networksMade } from '../network-turns.ts';
import { isAsked, withPrepared } from '../prepared.ts';
import { type PreparingPorts, withPorts } from '../prepared-ports.ts';
import type { Destination, Preparing } from '../preparing.ts';
import { type SandboxSources, sandboxContext } from '../sandbox-context.ts';
import { type AttachingToSwarm, isTask, withPlaces } from '../swarm/attaching.ts';
import { askInfo, openWaysOut } from '../ways-out.ts';
import { forgetFolder } from './folder.ts';
import { addressesLost, forgetAddresses, forgetMissed, forgetUdp } from './port-flows.ts';

export type Networking = Changing &
  PreparingPorts &
  LeadingOut &
  Preparing &
  SandboxSources &
  AttachingToSwarm &
  Pick<Core, 'events' | 'folders' | 'queue' | 'kernel' | 'reconciler' | 'tracer'>;

/** Bring the container onto its networks, or into the sandbox of another. Answers with the sandbox it is in. */
export async function bringUp(core: Networking, container: Container): Promise<Sandbox> {
  const mode = container.hostConfig.NetworkMode;
  if (mode.startsWith('container:')) return join(core, container, mode.slice('container:'.length));
  try {
    return await core.tracer.run({ kind: 'network', name: 'allocate' }, () => open(core, container));
  } catch (error) {
    throw during('failed to set up container networking', error);
  }
}

/** Open the container's own sandbox: namespace, links, ports, names, files. */
async function open(core: Networking, container: Container): Promise<Sandbox> {
  const specs = joinedBy(core.model, container);
  if (isTask(core, container)) return openOn(core, container, { specs, places: new Map() });
  return withPlaces(core, { container, specs }, (places) => openOn(core, container, { specs, places }));
}

interface Places {
  readonly specs: readonly Membership[];
  /** Endpoints that a manager of the swarm has chosen. */
  readonly places: ReadonlyMap<string, PreparedEndpoint>;
}

async function openOn(core: Networking, container: Container, { specs, places }: Places): Promise<Sandbox> {
  await networksMade(
    core,
    specs.map(({ network }) => network),
  );
  const planned = plannedSandbox(core, container, specs);
  const { sandbox } = await withNamespace(core, planned, () =>
    withPrepared(core, { specs, destination: planned.destination }, async (asked) => {
      const prepared = new Map([...asked, ...places]);
      await ensureGatewayNetwork(core, attachedBy(core, specs, prepared));
      const more = { prepared, sandboxId: planned.id };
      return withPorts(core, { container, specs: publishedSpecs(container) }, () =>
        changeSandbox(core, container, (view, context) =>
          openSandbox(view, findContainer(view, container.id), { ...context, ...more }),
        ),
      );
    }),
  );
  return sandbox;
}

/** Once the container has a process, as Docker: a start that fails earlier emits `disconnect` alone. */
export function emitConnected(core: Pick<Core, 'events' | 'model'>, id: string, sandbox: Sandbox): void {
  if (sandbox.containerId !== id) return;
  for (const network of networksOf(core.model, sandbox))
    emitConnection(core, { action: 'connect', network, containerId: id });
}

interface PlannedSandbox {
  readonly id: string;
  /** Drivers get the path of the namespace before it is on record. */
  readonly isTold: boolean;
  readonly destination: Destination;
}

function plannedSandbox(
  core: Networking,
  container: Container,
  specs: readonly Membership[],
): PlannedSandbox {
  const parked = parkedFor(core.model, container, 'own');
  const id = parked?.id ?? core.generate.id();
  const sandboxPath = parked?.path ?? sandboxContext(core).namespacePath(id);
  const networks = specs.map(({ network }) => findNetwork(core.model, network));
  const destination = { name: container.name, sandboxPath, container, sysctls: netSysctlsOf(container) };
  return { id, isTold: !parked && networks.some((network) => isAsked(core, network)), destination };
}

/** Drivers find the namespace of the sandbox, as with Docker. */
async function withNamespace<T>(
  core: Networking,
  { id, isTold, destination }: PlannedSandbox,
  task: () => Promise<T>,
): Promise<T> {
  if (!isTold) return task();
  core.kernel.createNamespace(destination.sandboxPath);
  try {
    return await task();
  } catch (error) {
    await core.reconciler.convergeSandbox(id).catch(() => undefined);
    throw error;
  }
}

/** What a container that has left its sandbox leaves to do. */
export interface Left {
  /** As it is now; undefined: it is gone. */
  readonly container: Container | undefined;
  /** As it was; undefined: it was in none. */
  readonly sandbox: Sandbox | undefined;
  /** Entries of the outbox that came with it. */
  readonly owed: readonly string[];
  /** Addresses that it has given up, without prefix length. */
  readonly addresses: readonly string[];
  /** Its networks, where it was its own. */
  readonly networks: readonly Network[];
  readonly scopes: Scopes;
}

/**
 * Leave what `bringUp` opened or joined, in one commit with a change of the container's own record: who finds it ended
 * finds its networks without it.
 */
export async function leave(
  core: Pick<Core, 'hostPorts' | 'records'>,
  id: string,
  also: (container: Container) => Container = (container) => container,
): Promise<Left> {
  const { decided, scopes, owed } = await keep(core, (view) => leaving(view, id, also));
  return { ...decided, scopes, owed };
}

function leaving(
  view: View,
  id: string,
  also: (container: Container) => Container,
): Omit<Left, 'scopes' | 'owed'> & { readonly changes: readonly Change[] } {
  const before = view.get('containers', id);
  const sandbox = before && sandboxOf(view, before);
  const container = before && also(before);
  const own: readonly Change[] =
    container && container !== before ? [{ table: 'containers', put: container }] : [];
  const changes = [...own, ...leaveSandbox(overlay(view, own), id)];
  const after = overlay(view, changes);
  return {
    ...{ container, sandbox, changes },
    addresses: sandbox ? addressesLost(sandbox.id, { before: view, after }) : [],
    networks: sandbox?.containerId === id ? networksOf(view, sandbox) : [],
  };
}

/** The namespace stays as long as anybody is in it, and what is kept of an owner that is gone goes with it. */
export async function followLeave(core: Networking, id: string, left: Left): Promise<void> {
  const { sandbox, owed, networks, scopes, addresses } = left;
  for (const network of networks) emitConnection(core, { action: 'disconnect', network, containerId: id });
  if (!sandbox || scopes.sandboxes.size === 0) return;
  await forgetUdp(core, sandbox.ports);
  await core.tracer.run({ kind: 'network', name: 'release' }, () => follow(core, scopes));
  // once the links are gone, so that no packet makes them again
  await forgetAddresses(core, addresses);
  await core.outbox.work(owed);
  const before = sandbox.parked?.containerId;
  const isGone = core.model.get('sandboxes', sandbox.id) === undefined;
  if (isGone && before && !core.model.get('containers', before)) await forgetFolder(core, before);
}

/** Both, for a container that could not be started. */
export const bringDown = async (core: Networking, { id }: Container): Promise<void> =>
  followLeave(core, id, await leave(core, id));

/** Enter the sandbox that another container is in, which must be up. It is held from here on. */
async function join(core: Pick<Core, 'records'>, container: Container, ref: string): Promise<Sandbox> {
  const { decided } = await core.records.transact((view) => {
    const other = found(view, ref);
    if (other.id === container.id) throw fail('CONTAINER_STATE', 'cannot join own network');
    const sandbox = sandboxOf(view, other);
    if (!sandbox || !isAlive(other))
      throw fail(
        'CONTAINER_STATE',
        `cannot join network namespace of a non running container: container ${other.name} is ${other.state.status}`,
      );
    return { sandbox, changes: joinSandbox(findContainer(view, container.id), sandbox) };
  });
  return decided.sandbox;
}

function found(view: View, ref: string): Container {
  try {
    return findContainer(view, ref);
  } catch (error) {
    throw during('joining network namespace of container', error);
  }
}

interface Settled {
  readonly sandbox: Sandbox;
  readonly changes: readonly Change[];
}

/** Change the container's own sandbox, or open it. A removal needs no room on the disk. Throws PortRefused, with the endpoint, as Docker says it. */
export async function changeSandbox<D extends Settled>(
  core: Networking,
  container: Container,
  transition: (view: View, context: SandboxContext) => D,
  { isRemoval = false } = {},
): Promise<D> {
  const before = core.model.sandboxOfContainer(container.id);
  let shared: readonly Endpoint[] = [];
  let now = before?.id ?? '';
  let lost: readonly string[] = [];
  const choose = (view: View, occupied: ReadonlySet<string>): D => {
    const decided = transition(view, sandboxContext(core, occupied));
    shared = withSharedMacs(view, decided.changes);
    now = decided.sandbox.id;
    lost = addressesLost(now, { before: view, after: overlay(view, decided.changes) });
    return decided;
  };
  const make = isRemoval ? takeAway<D> : change<D>;
  const made = await make(core, choose, async () => {
    await openWaysOut(core, { before, now, container });
    await askInfo(core, now);
  }).catch((error) => {
    throw error instanceof PortRefused ? onEndpoint(container, error.port, error) : error;
  });
  warnOfSharedMacs(core, shared);
  const kept = new Set(made.sandbox.ports.map(placeOf));
  await forgetUdp(
    core,
    (before?.ports ?? []).filter((port) => !kept.has(placeOf(port))),
  );
  const had = new Set((before?.ports ?? []).map(placeOf));
  await forgetMissed(
    core,
    made.sandbox.ports.filter((port) => !had.has(placeOf(port))),
  );
  await forgetAddresses(core, lost);
  return made;
}

/** New endpoints whose MAC address another one of the network has. */
const withSharedMacs = (view: View, changes: readonly Change[]): readonly Endpoint[] =>
  changes.flatMap((one) =>
    one.table === 'endpoints' && 'put' in one && view.macs.isTaken(one.put.networkId, one.put.mac)
      ? [one.put]
      : [],
  );

/** Nobody is kept from it, as with Docker; but neighbours then reach now one and now the other. */
function warnOfSharedMacs(core: Pick<Core, 'logger'>, endpoints: readonly Endpoint[]): void {
  for (const { name, mac, networkId } of endpoints)
    core.logger.warn('a MAC address is in use in the network already', {
      container: name,
      mac,
      network: networkId,
    });
}

/** Without the one that only leads out, which nobody connected it to. */
const networksOf = (view: View, { id }: Sandbox): readonly Network[] =>
  view
    .endpointsOfSandbox(id)
    .filter((endpoint) => !isWayOut(endpoint))
    .flatMap(({ networkId }) => view.get('networks', networkId) ?? []);

interface Connection {
  readonly action: 'connect' | 'disconnect';
  readonly network: Network;
  readonly containerId: string;
}

function emitConnection(
  { events }: Pick<Core, 'events'>,
  { action, network, containerId }: Connection,
): void {
  const attributes = { container: containerId, name: network.name, type: network.driver };
  events.emit({ type: 'network', action, id: network.id, attributes });
}
