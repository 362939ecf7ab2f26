/** The elements that follow from networks and ports. A record that stays the same object has the same list of elements. */
import { type Family, familyOf } from '../../net/family.ts';
import { type Bridge, isAnyHost, isLoopback, readBridges } from '../family-input.ts';
import type { BridgeNetwork, FirewallInput, LinkHole, OpenPort, PublishedPort } from '../input.ts';
import { type Lists, once } from '../once.ts';
import { rangeGroups, rangeOf } from './range-doors.ts';
import { segmentElements } from './segments.ts';
import type { Element, SetName } from './sets.ts';

/** The elements of one record. */
export type Group = readonly Element[];

/** `lists` caches results; the caller passes the same object for each plan of a family. */
export function elementGroups(input: FirewallInput, family: Family, lists: Lists): readonly Group[] {
  const bridges = readBridges(input, family, lists);
  const byLink = new Map(bridges.map((bridge) => [bridge.link, bridge]));
  const ofPorts = <P extends OpenPort, T>(
    ports: readonly P[],
    groupOf: (port: P, bridge: Bridge) => T,
  ): readonly T[] => fromPorts(ports, groupOf, { family, byLink, lists });
  return [
    ...input.bridges.map(linkGroup),
    ...bridges.map(bridgeGroup),
    ...input.bridges.flatMap((network) => (network.families[family] ? [] : [closedGroup(network)])),
    ...ofPorts(input.ports, portGroup),
    ...ofPorts(input.open, openGroup),
    ...rangeGroups([...ofPorts(input.ports, rangeOf), ...ofPorts(input.open, rangeOfOpen)].flat()),
    ...input.holes.flatMap((hole) =>
      familyOf(hole.to) === family && byLink.has(hole.link) ? [holeGroup(hole)] : [],
    ),
    segmentElements(input.segments, family),
    ...(input.tunnels?.family === family ? [hostsGroup(input.tunnels.from)] : []),
  ];
}

/** Results are kept by what has made them. */
const rangeOfOpen: typeof rangeOf = (port, bridge) => rangeOf(port, bridge);

interface PortsContext {
  readonly family: Family;
  readonly byLink: ReadonlyMap<string, Bridge>;
  readonly lists: Lists;
}

interface FromPorts {
  readonly ports: readonly OpenPort[];
  /** The bridges of their links. */
  readonly bridges: ReadonlyMap<string, Bridge | undefined>;
  readonly groups: readonly unknown[];
}

/** The last results for each cache, by what was made. */
const lastOf = new WeakMap<Lists, Map<unknown, FromPorts>>();

/** The same list while the ports and their networks stay the same. */
function fromPorts<P extends OpenPort, T>(
  ports: readonly P[],
  groupOf: (port: P, bridge: Bridge) => T,
  { family, byLink, lists }: PortsContext,
): readonly T[] {
  if (ports.length === 0) return [];
  const last = lastOf.get(lists) ?? new Map<unknown, FromPorts>();
  lastOf.set(lists, last);
  const known = last.get(groupOf);
  const isSame =
    known?.ports === ports && [...known.bridges].every(([link, bridge]) => byLink.get(link) === bridge);
  if (known && isSame) return known.groups as readonly T[];
  const bridges = new Map<string, Bridge | undefined>();
  const groups = ports.flatMap((port) => {
    const bridge = byLink.get(port.link);
    bridges.set(port.link, bridge);
    return bridge && !bridge.internal && familyOf(port.address) === family ? [groupOf(port, bridge)] : [];
  });
  last.set(groupOf, { ports, bridges, groups });
  return groups;
}

const element = (set: SetName, ...key: readonly (string | number)[]): Element => ({
  set,
  key: key.join(' . '),
});

const linkGroup = once(({ link }: BridgeNetwork): Group => [element('links', link)]);

const bridgeGroup = once((bridge: Bridge): Group => {
  const { link, subnets, internal, icc, mode, rewrites, masquerade, source } = bridge;
  const leaving = rewrites && masquerade;
  return [
    element('within', link, link),
    element(internal ? 'internal' : 'networks', link),
    ...(icc ? [] : [element('apart', link)]),
    ...(rewrites ? [element('rewriting', link)] : []),
    ...(!internal && mode === 'routed' ? [element('routed', link)] : []),
    ...(!internal && mode === 'nat-unprotected' ? [element('unprotected', link)] : []),
    ...subnets.flatMap(
      (subnet): Group => [
        ...(rewrites ? [element('homes', subnet, link)] : []),
        ...(leaving && mode === 'nat' ? [element('hidden', subnet)] : []),
        ...(leaving && source === '' ? [element('masqueraded', subnet)] : []),
        ...(leaving && source !== '' ? [{ ...element('sources', subnet), data: source }] : []),
      ],
    ),
  ];
});

/** A network without the family, whose link may carry it nevertheless. */
const closedGroup = once(
  ({ link, internal, icc }: BridgeNetwork): Group => [
    ...(internal || !icc ? [element('within', link, link)] : []),
    ...(internal ? [element('internal', link)] : []),
    ...(icc ? [] : [element('apart', link)]),
  ],
);

interface Of {
  readonly bridge: Bridge;
  readonly group: Group;
}

/** As `once`, for results that depend on the port's bridge too. */
function ofPort<P extends OpenPort>(
  make: (port: P, bridge: Bridge) => Group,
): (port: P, bridge: Bridge) => Group {
  const known = new WeakMap<P, Of>();
  return (port, bridge) => {
    const before = known.get(port);
    if (before?.bridge === bridge) return before.group;
    const group = make(port, bridge);
    known.set(port, { bridge, group });
    return group;
  };
}

const openGroup = ofPort((port: OpenPort, bridge): Group => doorOf(port, bridge));

const portGroup = ofPort((port: PublishedPort, bridge): Group => {
  const { address, link } = port;
  return [
    ...doorOf(port, bridge),
    ...(bridge.rewrites ? publication(port) : []),
    ...(bridge.rewrites ? [element('hairpins', address, address)] : []),
    ...guards(port, bridge),
    ...(bridge.guarded && bridge.masquerade
      ? [link, ...bridge.trusted].map((from) => element('direct', from, address))
      : []),
  ];
});

/** Ranges: see `rangeGroups`. */
function doorOf(port: OpenPort, { mode }: Bridge): Group {
  if (mode === 'nat-unprotected' || port.containerPortEnd !== undefined) return [];
  return [element('doors', port.link, port.address, port.protocol, port.containerPort)];
}

const span = (first: number, last = first): string => (last === first ? `${first}` : `${first}-${last}`);

function publication(port: PublishedPort): Group {
  const { hostIP, hostPort, hostPortEnd = hostPort, protocol, address, containerPort, policy } = port;
  // the kernel never forwards ::1, so a rewrite could not work
  if (hostIP === '::1') return [];
  const at = isAnyHost(hostIP) ? [] : [hostIP];
  const behind = policy === 'host' ? 'behind-' : '';
  const kind = at.length === 0 ? 'published' : 'addressed';
  if (hostPortEnd === hostPort)
    return [
      { ...element(`${behind}${kind}`, ...at, protocol, hostPort), data: `${address} . ${containerPort}` },
      ...(isLoopback(hostIP) ? [element('loopback', hostIP, protocol, hostPort)] : []),
    ];
  const range = span(hostPort, hostPortEnd);
  return [
    // a map cannot shift a range
    ...(hostPort === containerPort
      ? [{ ...element(`${behind}${kind}-ranges`, ...at, protocol, range), data: address }]
      : Array.from({ length: hostPortEnd - hostPort + 1 }, (_, i) => ({
          ...element(`${behind}${kind}`, ...at, protocol, hostPort + i),
          data: `${address} . ${containerPort + i}`,
        }))),
    ...(isLoopback(hostIP) ? [element('loopback-ranges', hostIP, protocol, range)] : []),
  ];
}

/**
 * Without masquerading, answers to what the container has opened come to its own address, so that direct packets can only be
 * told from them by connection state (`by-state`).
 */
function guards(port: PublishedPort, bridge: Bridge): Group {
  if (!bridge.guarded) return [];
  const { address, protocol, containerPort, containerPortEnd } = port;
  if (bridge.masquerade) return [element('guarded', address)];
  return [
    element('guarded-by-state', address),
    ...(containerPortEnd === undefined
      ? bridge.trusted.map((from) => element('trusted', from, address, protocol, containerPort))
      : []),
  ];
}

const holeGroup = once(
  ({ link, from, to, protocol, port }: LinkHole): Group => [
    element('holes', from, to, protocol, port),
    element('linked', link),
  ],
);

const hostsGroup = (from: readonly string[]): Group => from.map((address) => element('hosts', address));
