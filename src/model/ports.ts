/** Chooses host ports for a container's published ports. */
import { during, fail } from '../errors.ts';
import { familyOf, wildcard } from '../net/family.ts';
import type { Container } from './container.ts';
import type { Generators } from './generators.ts';
import { type Answered, answered, askedOf } from './port-answers.ts';
import { carrierForIPv6, type PortCarriers } from './port-carriers.ts';
import { PortIndex, wildcardOf } from './port-index.ts';
import { type PolicyContext, policyOf } from './port-policy.ts';
import { fixedPort, hostText, isOfFamily, linkOf, type PortSpec, publishedSpecs } from './port-specs.ts';
import { isRelayable, isRelayed, mostRelayed } from './relays.ts';
import type { PortMapping, Protocol, WaitingPort } from './sandbox.ts';
import type { View } from './tables.ts';
import { refuseUnpublished } from './unpublished-ports.ts';

export interface PortContext extends PolicyContext {
  readonly generate: Generators;
  /** Where dynamic ports come from (net.ipv4.ip_local_port_range), both ends included. */
  readonly dynamic: { readonly first: number; readonly last: number };
  /** Default address of ports; '' and `0.0.0.0` for all of both families. */
  readonly bindAddress: string;
  /**
   * `protocol/port` that the host itself turned out to use: not to be chosen. With `isFollowing`, `protocol/address/port`.
   */
  readonly occupied: ReadonlySet<string>;
  /** A process passes on what the kernel does not translate (`relays.ts`). */
  readonly relays?: boolean;
  /** The addresses that a link of the host has now. */
  readonly addressesOf: (link: string) => readonly string[];
}

export interface PortRequest {
  readonly container: Container;
  readonly carriers: PortCarriers;
  /** The sandbox's present ports: a spec keeps its port if possible. */
  readonly before?: readonly PortMapping[];
  /** Numbers that specs without a port now had before. */
  readonly waiting?: readonly WaitingPort[];
  /** A network is left: what cannot be published any more goes away instead of being refused. */
  readonly isLeaving?: boolean;
  /** The addresses of links may have changed: those on which the port is taken are left out instead of being refused. */
  readonly isFollowing?: boolean;
}

/**
 * The mappings for all specs, all choices made. A spec that has a port keeps it, whichever others come or go; a new one
 * never takes it away. Throws PORT_ALLOCATED where a port that was asked for is published already, PORTS_EXHAUSTED where
 * no dynamic one is left, PORT_NEEDS_IPV6, PORT_ON_LOOPBACK6.
 */
export function choosePorts(view: View, request: PortRequest, context: PortContext): readonly PortMapping[] {
  const { container, carriers, before = [], waiting = [], isLeaving = false, isFollowing = false } = request;
  if (!isLeaving) refuseUnpublished(container, carriers, { relays: context.relays === true });
  const specs = answered(publishedSpecs(container), [...before, ...waiting]);
  const first = new Set(context.relays ? specs.slice(0, mostRelayed) : []);
  const turn: Turn = {
    taken: new PortIndex(),
    had: hostAddresses(before),
    reserved: new Set(specs.flatMap(({ spec, kept }) => (kept ? [portKey(spec.protocol, kept)] : []))),
  };
  const inTurn = specs.toSorted((a, b) => Number(a.kept === undefined) - Number(b.kept === undefined));
  const choice = { container, carriers, turn, isFollowing };
  const chosen = new Map(
    inTurn.map((each) => [each, choose(view, { ...choice, ...each, relays: first.has(each) }, context)]),
  );
  return unchanged(
    specs.flatMap((each) => chosen.get(each) ?? []),
    before,
  );
}

interface Choosing extends Answered, Pick<PortRequest, 'container' | 'carriers' | 'isFollowing'> {
  readonly turn: Turn;
  /** It is not beyond those that are passed on. */
  readonly relays: boolean;
}

/** The mappings of one spec. */
function choose(view: View, choosing: Choosing, context: PortContext): readonly PortMapping[] {
  const { container, carriers, spec, kept, turn, isFollowing = false } = choosing;
  const relays = choosing.relays && isRelayable(spec.protocol);
  const { bound: all, open } = targetsOf(spec, { container, carriers, context, relays });
  const choice = { container, spec, kept, targets: all, turn };
  const bound = isFollowing && linkOf(spec.binding) ? untaken(view, choice, context) : all;
  const hostPort = bound[0] ? choosePort(view, { ...choice, targets: bound }, context) : 0;
  const mappings = [
    ...bound.map((target) => mappingOf(spec, target, hostPort)),
    ...open.map((target) => mappingOf(spec, target, 0)),
  ].sort((a, b) => familyOf(a.hostIP) - familyOf(b.hostIP));
  turn.taken.take(mappings);
  return mappings;
}

/** The mappings of more specs beside those that it has, which stay. Throws as `choosePorts`. */
export function chooseMore(
  view: View,
  request: PortRequest & { readonly specs: readonly PortSpec[] },
  context: PortContext,
): readonly PortMapping[] {
  const { container, carriers, specs, before = [] } = request;
  const { relays = false } = context;
  refuseUnpublished(container, carriers, { relays });
  const isFree = specs.some((spec) => fixedPort(spec) === undefined);
  const reserved = isFree ? before.map(({ protocol, hostPort }) => portKey(protocol, hostPort)) : [];
  const turn: Turn = { taken: new PortIndex(), had: new Map(), reserved: new Set(reserved) };
  const choice = { container, carriers, turn };
  const room = relays ? mostRelayed - before.filter(isRelayed).length : 0;
  return specs.flatMap((spec, index) =>
    choose(view, { ...choice, spec, kept: undefined, relays: index < room }, context),
  );
}

/** Ports that stay as they are stay the same objects, so that what follows from a change does not grow with them. */
function unchanged(ports: readonly PortMapping[], before: readonly PortMapping[]): readonly PortMapping[] {
  if (before.length === 0) return ports;
  const textOf = (port: PortMapping): string =>
    `${placeOf(port)} ${port.endpointId} ${port.policy} ${port.asked.hostIP} ${port.asked.hostPort}`;
  const known = new Map(before.map((port) => [textOf(port), port]));
  return ports.map((port) => known.get(textOf(port)) ?? port);
}

/** Where it is on the host, and where it leads. */
export const placeOf = ({ protocol, hostIP, hostPort, address, containerPort }: PortMapping): string =>
  `${protocol} ${hostIP} ${hostPort} ${address} ${containerPort}`;

/** An error of a port with its endpoint, in Docker's words. */
export const onEndpoint = (
  { name }: Pick<Container, 'name'>,
  { endpointId }: Pick<PortMapping, 'endpointId'>,
  error: unknown,
): unknown =>
  during(`driver failed programming external connectivity on endpoint ${name} (${endpointId})`, error);

/** The sandbox's present ports and those chosen in this call. */
interface Turn {
  /** Ports chosen in this call so far. */
  readonly taken: PortIndex;
  /** `protocol/port` to the host's addresses on which the sandbox had it before. */
  readonly had: ReadonlyMap<string, ReadonlySet<string>>;
  /** `protocol/port` that some spec has so far: not for another that is free to have any. */
  readonly reserved: ReadonlySet<string>;
}

const portKey = (protocol: Protocol, port: number): string => `${protocol}/${port}`;

function hostAddresses(ports: readonly PortMapping[]): ReadonlyMap<string, ReadonlySet<string>> {
  const groups = Map.groupBy(ports, ({ protocol, hostPort }) => portKey(protocol, hostPort));
  return new Map([...groups].map(([key, group]) => [key, new Set(group.map(({ hostIP }) => hostIP))]));
}

const mappingOf = ({ protocol, containerPort, binding }: PortSpec, target: Target, hostPort: number) => ({
  protocol,
  hostPort,
  containerPort,
  asked: askedOf(binding),
  ...target,
});

type Target = Pick<PortMapping, 'hostIP' | 'address' | 'endpointId' | 'policy'>;

interface Targeting {
  readonly container: Container;
  readonly carriers: PortCarriers;
  readonly context: PortContext;
  /** What the kernel does not translate is passed on. */
  readonly relays: boolean;
}

/**
 * Without an address both families are bound, as far as they have an endpoint that carries ports. Where that
 * is routed, an address of the host only says which family is meant. By IPv6 a container without it is bound
 * where that is passed on, and so is `[::1]`: see unpublished-ports.ts.
 */
function targetsOf(
  spec: PortSpec,
  { container, carriers, context, relays }: Targeting,
): { readonly bound: readonly Target[]; readonly open: readonly Target[] } {
  const { binding } = spec;
  const link = linkOf(binding);
  const asked = hostText(binding);
  const addresses = link ? context.addressesOf(link) : [];
  const bound: Target[] = [];
  const open: Target[] = [];
  for (const family of [4, 6] as const) {
    const carrier = carriers[family] ?? (relays && family === 6 ? carrierForIPv6(carriers) : undefined);
    if (!carrier || !isOfFamily(binding, family)) continue;
    const { address, endpointId, isRouted } = carrier;
    const policy = policyOf(container, spec, { carrier, context });
    const to = { address, endpointId, ...(policy === 'host' && { policy }) };
    const hosts = link ? addresses.filter((one) => familyOf(one) === family) : [asked || carrier.bindTo];
    if (isRouted) open.push({ hostIP: wildcard(family), ...to });
    else
      for (const hostIP of hosts) if (hostIP && (hostIP !== '::1' || relays)) bound.push({ hostIP, ...to });
  }
  return { bound, open };
}

interface Choice extends Answered {
  readonly container: Pick<Container, 'name'>;
  readonly targets: readonly Target[];
  readonly turn: Turn;
}

/** The addresses on which the port that it has, or the only one that would do, is free. */
function untaken(view: View, choice: Choice, { occupied }: PortContext): readonly Target[] {
  const port = choice.kept ?? fixedPort(choice.spec);
  if (port === undefined) return choice.targets;
  return choice.targets.filter(
    (target) =>
      !occupied.has(`${choice.spec.protocol}/${target.hostIP}/${port}`) &&
      conflictOf(view, { ...choice, targets: [target] }, port) === undefined,
  );
}

/** One port that is free on all target addresses: the requested one, the present one, or any in the range. */
function choosePort(view: View, choice: Choice, context: PortContext): number {
  const { container, spec, kept, targets, turn } = choice;
  const range = rangeOf(spec.binding.HostPort ?? '');
  const isOne = range !== undefined && range.first === range.last;
  let conflict = wildcardOf(targets[0]?.hostIP ?? '');
  for (const port of candidates(range, kept, context)) {
    const key = portKey(spec.protocol, port);
    const isReserved = turn.reserved.has(key) && port !== kept;
    if (!isOne && (isReserved || context.occupied.has(key))) continue;
    const found = conflictOf(view, choice, port);
    if (found === undefined) return port;
    conflict = found;
  }
  const error = range ? fail('PORT_ALLOCATED', conflict, range.first) : fail('PORTS_EXHAUSTED');
  const [{ endpointId } = { endpointId: '' }] = targets;
  throw onEndpoint(container, { endpointId }, error);
}

interface Range {
  readonly first: number;
  readonly last: number;
}

/** `8080` or `8000-8010`; undefined for a dynamic port. Throws BAD_REQUEST. */
export function rangeOf(asked: string): Range | undefined {
  if (asked === '' || asked === '0') return undefined;
  const [from = '', to = from] = asked.split('-');
  const first = Number(from);
  const last = Number(to);
  if (!/^\d+(-\d+)?$/.test(asked) || first < 1 || last > 65535 || first > last)
    throw fail('BAD_REQUEST', `invalid port specification: "${asked}"`);
  return { first, last };
}

/** Whether another port of the host would do as well. */
export function isMovable({ asked }: Pick<PortMapping, 'asked'>): boolean {
  const range = rangeOf(asked.hostPort);
  return range === undefined || range.first !== range.last;
}

function* candidates(
  range: Range | undefined,
  kept: number | undefined,
  { generate, dynamic }: PortContext,
): Generator<number> {
  if (kept !== undefined) yield kept;
  const { first, last } = range ?? dynamic;
  const size = last - first + 1;
  const start = range ? 0 : generate.below(size);
  for (let step = 0; step < size; step++) yield first + ((start + step) % size);
}

/** The address on which a port is taken, by the model or by this container's own earlier specs. */
function conflictOf(
  view: View,
  { spec: { protocol }, targets, turn }: Choice,
  port: number,
): string | undefined {
  const had = turn.had.get(portKey(protocol, port));
  return targets.find(
    ({ hostIP }) =>
      view.ports.conflict(protocol, hostIP, port, had) !== undefined ||
      turn.taken.conflict(protocol, hostIP, port) !== undefined,
  )?.hostIP;
}
