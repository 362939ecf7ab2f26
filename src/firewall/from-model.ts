/** The firewall's input from the records of the model. */

import { fail } from '../errors.ts';
import type { Container } from '../model/container.ts';
import type { DriverTable } from '../model/driver.ts';
import type { Endpoint } from '../model/endpoint.ts';
import type { Forwarding } from '../model/forwarding.ts';
import { isDrivenElsewhere, isOnHost } from '../model/host-routes.ts';
import { ownAddress } from '../model/leases.ts';
import { meshLink, meshNumber } from '../model/mesh.ts';
import type { Network } from '../model/network.ts';
import { dataAddress, dataPortOf, nodeHere, securePortOf, tunnelFamily } from '../model/node.ts';
import { isTranslated } from '../model/relays.ts';
import type { PortMapping, Sandbox } from '../model/sandbox.ts';
import { secureLink } from '../model/secure-tunnels.ts';
import type { View } from '../model/tables.ts';
import { gatewayNetwork } from '../model/way-out.ts';
import { type Address, bare, compare, parseAddress } from '../net/address.ts';
import { type Family, familyOf } from '../net/family.ts';
import type {
  BridgeFamily,
  BridgeNetwork,
  FirewallInput,
  FirewallSettings,
  LinkHole,
  PublishedPort,
  Segment,
} from './input.ts';
import { Lists } from './once.ts';
import { isRoutedNetwork, openPorts } from './open-ports.ts';
import { publishedRuns } from './port-runs.ts';
import type { Transport } from './rules.ts';

/** The parts of the model that it reads. */
export type FirewallView = Pick<
  View,
  'all' | 'get' | 'containerByName' | 'endpointsOfNetwork' | 'endpointsOfSandbox' | 'drivers'
>;

/** The order depends on the records alone: networks by age, ports by number. */
export function firewallInput(
  view: FirewallView,
  settings: FirewallSettings,
  lists = new Lists(),
): FirewallInput {
  const { drivers } = view;
  const networks = [...view.all('networks')].filter((network) => isOnHost(drivers, network)).sort(byAge);
  const bridges = lists.of('networks', networks, (network) => bridgeNetwork(network, drivers));
  const routed = bridges.flatMap((bridge, i) =>
    isRoutedNetwork(bridge) ? [[networks[i]?.id ?? '', bridge] as const] : [],
  );
  const isolated = networks.filter((network, i) => network.predefined && !bridges[i]?.icc);
  return {
    bridges,
    ports: publishedPorts(view, lists),
    open: openPorts(view, new Map(routed)),
    holes: isolated.flatMap((network) => linkHoles(view, network)),
    segments: settings.bridgeNetfilter ? segmentsOf(view) : [],
    ...tunnelsOf(view),
    ...meshOf(view, networks),
    settings,
  };
}

function tunnelsOf(view: FirewallView): Pick<FirewallInput, 'tunnels' | 'secureTunnels'> {
  const nodes = [...view.all('nodes')];
  const here = nodeHere(nodes);
  if (!here) return {};
  const family = tunnelFamily(nodes);
  const from = nodes.flatMap((node) => (node.here ? [] : dataAddress(node, family) || []));
  const tunnels = { port: dataPortOf(nodes), family, from: [...new Set(from)].sort() };
  if (!Array.from(view.all('networks')).some(({ overlay }) => overlay?.encrypted)) return { tunnels };
  return { tunnels, secureTunnels: { link: secureLink(here), port: securePortOf(nodes), family: 6 } };
}

function meshOf(view: FirewallView, networks: readonly Network[]): Pick<FirewallInput, 'mesh'> {
  const here = nodeHere(view.all('nodes'));
  const isThere = Array.from(view.all('networks')).some(({ ingress }) => ingress);
  if (!isThere || !here || meshNumber(here) === undefined) return {};
  const name = gatewayNetwork(view.drivers)?.name;
  const tasks = networks.find((network) => network.name === name)?.link ?? '';
  return { mesh: { link: meshLink, tasks } };
}

/** Needed only with br_netfilter: without it iptables does not see traffic within a bridge. */
const segmentsOf = (view: FirewallView): readonly Segment[] =>
  [...view.all('networks')]
    .filter((network) => isDrivenElsewhere(view.drivers, network))
    .sort(byAge)
    .map(({ name, ipam }) => ({
      name,
      subnets: ipam.pools.flatMap(({ subnet }) => (subnet.endsWith('/0') ? [] : [subnet])),
    }));

function byAge(a: Network, b: Network): number {
  if (a.predefined !== b.predefined) return a.predefined ? -1 : 1;
  return compareText(a.created, b.created) || compareText(a.id, b.id);
}

const compareText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

function bridgeNetwork(network: Network, drivers: DriverTable): BridgeNetwork {
  const forwarding = forwardingOf(network, drivers);
  const { icc, trusted, mode, masquerade, source } = forwarding;
  const family = (version: Family): BridgeFamily | undefined => {
    const subnets = network.ipam.pools
      .map(({ subnet }) => subnet)
      .filter((cidr) => familyOf(cidr) === version);
    const enabled = version === 4 ? network.enableIPv4 : network.enableIPv6;
    if (!enabled || subnets.length === 0) return undefined;
    return { subnets, mode: mode[version], masquerade, source: source[version] };
  };
  const four = family(4);
  const six = family(6);
  const { name, link, internal } = network;
  return {
    name,
    link,
    internal,
    icc,
    families: { ...(four && { 4: four }), ...(six && { 6: six }) },
    trusted,
  };
}

function forwardingOf(network: Network, drivers: DriverTable): Forwarding {
  const forwarding = drivers.find(network.driver).forwarding?.(network);
  if (!forwarding) throw fail('BUG', `the firewall was given the network ${network.name}`);
  return forwarding;
}

interface Sorted {
  readonly parts: readonly (readonly PublishedPort[])[];
  readonly ports: readonly PublishedPort[];
}

/** The last result for each cache, which stays the same list while no sandbox's ports change. */
const sorted = new WeakMap<Lists, Sorted>();

function publishedPorts(view: FirewallView, lists: Lists): readonly PublishedPort[] {
  const parts: (readonly PublishedPort[])[] = [];
  for (const sandbox of view.all('sandboxes'))
    if (sandbox.ports.length > 0) parts.push(portsOf(view, sandbox));
  const known = sorted.get(lists);
  if (known?.parts.length === parts.length && parts.every((part, i) => part === known.parts[i]))
    return known.ports;
  const ports = parts.flat().sort(byPort(new Map()));
  sorted.set(lists, { parts, ports });
  return ports;
}

interface OfSandbox {
  /** Links of its endpoints with ports. */
  readonly links: string;
  readonly ports: readonly PublishedPort[];
}

/** Ports of a record that has not changed stay the same objects. */
const knownPorts = new WeakMap<Sandbox, OfSandbox>();

function portsOf(view: FirewallView, sandbox: Sandbox): readonly PublishedPort[] {
  const byEndpoint = new Map<string, string | undefined>();
  for (const { endpointId } of sandbox.ports)
    if (!byEndpoint.has(endpointId)) byEndpoint.set(endpointId, linkOf(view, endpointId));
  const links = [...byEndpoint.values()].join(' ');
  const known = knownPorts.get(sandbox);
  if (known?.links === links) return known.ports;
  const ports = publishedRuns(
    sandbox.ports.flatMap((port) => {
      const link = byEndpoint.get(port.endpointId);
      return link === undefined || !isTranslated(port) ? [] : [publishedPort(port, link)];
    }),
  );
  knownPorts.set(sandbox, { links, ports });
  return ports;
}

/** A port that stays while others of its sandbox come and go stays the same object, too. */
const knownPort = new WeakMap<PortMapping, PublishedPort>();

function publishedPort(mapping: PortMapping, link: string): PublishedPort {
  const known = knownPort.get(mapping);
  if (known?.link === link) return known;
  const { endpointId, asked, ...port } = mapping;
  const made = { ...port, link };
  knownPort.set(mapping, made);
  return made;
}

function linkOf(view: FirewallView, endpointId: string): string | undefined {
  const endpoint = view.get('endpoints', endpointId);
  const network = endpoint && view.get('networks', endpoint.networkId);
  return network && isOnHost(view.drivers, network) ? network.link : undefined;
}

/** `addresses`: of the host, which are few. */
const byPort = (addresses: Map<string, Address>) => {
  const parsed = (text: string): Address => {
    const address = addresses.get(text) ?? parseAddress(text);
    addresses.set(text, address);
    return address;
  };
  return (a: PublishedPort, b: PublishedPort): number =>
    a.hostPort - b.hostPort ||
    compareText(a.protocol, b.protocol) ||
    (a.hostIP === b.hostIP ? 0 : compare(parsed(a.hostIP), parsed(b.hostIP)));
};

/** For each legacy link within the network, the exposed ports of its source. */
function linkHoles(view: FirewallView, network: Network): LinkHole[] {
  const endpoints = [...view.endpointsOfNetwork(network.id)].sort((a, b) => compareText(a.id, b.id));
  return endpoints.flatMap((endpoint) => {
    const container = view.get('containers', endpoint.containerId);
    const sources = container ? linkedNames(container, endpoint) : [];
    return sources.flatMap((name) => {
      const source = view.containerByName(name);
      const target = endpoints.find((other) => other.containerId === source?.id);
      return source && target ? holesBetween(endpoint, target, exposedPorts(source), network.link) : [];
    });
  });
}

function linkedNames(container: Container, endpoint: Endpoint): string[] {
  const links = [...(container.hostConfig.Links ?? []), ...endpoint.spec.links];
  return [...new Set(links.map((link) => (link.split(':')[0] ?? '').replace(/^\//, '')))];
}

interface Exposed {
  readonly port: number;
  readonly protocol: Transport;
}

function exposedPorts({ config, hostConfig }: Container): Exposed[] {
  const keys = new Set([...Object.keys(config.ExposedPorts ?? {}), ...Object.keys(hostConfig.PortBindings)]);
  return [...keys].sort().flatMap((key): Exposed[] => {
    const [port, protocol = 'tcp'] = key.split('/');
    const known = protocol === 'tcp' || protocol === 'udp' || protocol === 'sctp';
    return known ? [{ port: Number(port), protocol }] : [];
  });
}

function holesBetween(from: Endpoint, to: Endpoint, ports: readonly Exposed[], link: string): LinkHole[] {
  return ([4, 6] as const).flatMap((version) => {
    const [a, b] = [addressOf(from, version), addressOf(to, version)];
    return a && b ? ports.map((port) => ({ link, from: a, to: b, ...port })) : [];
  });
}

const addressOf = (endpoint: Endpoint, version: Family): string => bare(ownAddress(endpoint, version) ?? '');
