/** The input of one family, with facts that several tables use. */

import { type Family, familyOf } from '../net/family.ts';
import type {
  BridgeFamily,
  BridgeNetwork,
  FirewallInput,
  FirewallSettings,
  LinkHole,
  MeshLink,
  OpenPort,
  PublishedPort,
  SecureTunnelsLink,
  Segment,
  Tunnels,
} from './input.ts';
import { parseMark } from './mark.ts';
import type { Lists, Remembering } from './once.ts';
import type { Match, PortSpan, Rule, Verdict } from './rules.ts';

/** A network that has this family. The object stays the same while network and settings do. */
export interface Bridge extends BridgeFamily, Remembering {
  readonly name: string;
  readonly link: string;
  readonly icc: boolean;
  readonly internal: boolean;
  readonly trusted: readonly string[];
  /** Published ports are rewritten (DNAT). */
  readonly rewrites: boolean;
  /** Addresses of containers with published ports cannot be reached directly. */
  readonly guarded: boolean;
}

/** A port together with its network. */
export interface Target extends OpenPort {
  readonly bridge: Bridge;
}

export interface Port extends PublishedPort, Target {}

export interface FamilyInput {
  readonly family: Family;
  readonly settings: FirewallSettings;
  readonly mark: Match['mark'];
  readonly bridges: readonly Bridge[];
  /** Networks without this family that need rules for it nevertheless: internal ones, and those with icc off. */
  readonly closed: readonly BridgeNetwork[];
  readonly ports: readonly Port[];
  /** Container addresses and ports that may be reached, each once. */
  readonly targets: readonly Target[];
  /** One port for each container address. */
  readonly addresses: readonly Port[];
  readonly holes: readonly LinkHole[];
  readonly segments: readonly Segment[];
  /** With the links of all networks. */
  readonly tunnels?: Tunnels & { readonly links: readonly string[] };
  readonly secureTunnels?: SecureTunnelsLink;
  readonly mesh?: MeshLink;
}

export function readFamilyInput(input: FirewallInput, family: Family, lists: Lists): FamilyInput {
  const { settings } = input;
  const bridges = readBridges(input, family, lists);
  const byLink = new Map(bridges.map((bridge) => [bridge.link, bridge]));
  const withBridge = <P extends OpenPort>(some: readonly P[]) =>
    some.flatMap((port) => {
      const bridge = byLink.get(port.link);
      const fits = bridge && !bridge.internal && familyOf(port.address) === family;
      return fits ? [{ ...port, bridge }] : [];
    });
  const ports = withBridge(input.ports);
  return {
    family,
    settings,
    mark: parseMark(settings.acceptFwmark),
    bridges,
    closed: input.bridges.filter(
      (network) => !network.families[family] && (network.internal || !network.icc),
    ),
    ports,
    targets: distinctTargets([...ports, ...withBridge(input.open)]),
    addresses: distinct(ports, ({ link, address }) => `${link} ${address}`),
    holes: input.holes.filter((hole) => familyOf(hole.to) === family && byLink.has(hole.link)),
    segments: input.segments.map(({ name, subnets }) => ({
      name,
      subnets: subnets.filter((subnet) => familyOf(subnet) === family),
    })),
    ...(input.mesh && { mesh: input.mesh }),
    ...(input.secureTunnels?.family === family && { secureTunnels: input.secureTunnels }),
    ...(input.tunnels?.family === family && {
      tunnels: { ...input.tunnels, links: input.bridges.map(({ link }) => link) },
    }),
  };
}

/** Networks that have the family. */
export function readBridges(
  { bridges, settings }: Pick<FirewallInput, 'bridges' | 'settings'>,
  family: Family,
  lists: Lists,
): readonly Bridge[] {
  const key = `${family} ${settings.allowDirectRouting} ${settings.acceptFwmark} ${settings.bridgeNetfilter}`;
  return lists
    .of(`bridges ${key}`, bridges, (network) => bridgeOf(network, family, settings))
    .filter((bridge) => bridge !== undefined);
}

function bridgeOf(network: BridgeNetwork, family: Family, settings: FirewallSettings): Bridge | undefined {
  const traits = network.families[family];
  if (!traits) return undefined;
  const { name, link, icc, internal, trusted } = network;
  const rewrites = !internal && (traits.mode === 'nat' || traits.mode === 'nat-unprotected');
  const guarded = !internal && traits.mode === 'nat' && !settings.allowDirectRouting;
  return { ...traits, name, link, icc, internal, trusted, rewrites, guarded, memory: [] };
}

export const isAnyHost = (hostIP: string): boolean =>
  hostIP === '0.0.0.0' || hostIP === '::' || hostIP === '';

export const isLoopback = (hostIP: string): boolean => hostIP.startsWith('127.') || hostIP === '::1';

const spanOf = (first: number, last = first): number | PortSpan => (last === first ? first : { first, last });

export const hostPorts = ({ hostPort, hostPortEnd }: PublishedPort): number | PortSpan =>
  spanOf(hostPort, hostPortEnd);

export const containerPorts = ({ containerPort, containerPortEnd }: OpenPort): number | PortSpan =>
  spanOf(containerPort, containerPortEnd);

/** At the start of a sentence. */
export const inWords = (ports: number | PortSpan): string =>
  typeof ports === 'number' ? `Port ${ports}` : `Ports ${ports.first} to ${ports.last}`;

/** Shorthand for a rule. */
export const rule = (match: Match, act: Verdict | 'accept' | 'drop', why: string): Rule => ({
  match,
  verdict: typeof act === 'string' ? { act } : act,
  why,
});

/** The first item of each key. */
export function distinct<T>(items: readonly T[], key: (item: T) => string): T[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    const size = seen.size;
    return seen.add(key(item)).size > size;
  });
}

/** One of the ports that lead to the same container port. */
const distinctTargets = (ports: readonly Target[]): Target[] =>
  distinct(
    ports,
    ({ link, address, protocol, containerPort, containerPortEnd = containerPort }) =>
      `${link} ${address} ${protocol}${containerPort}-${containerPortEnd}`,
  );
