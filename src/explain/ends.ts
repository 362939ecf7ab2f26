/** The two ends of a question: who is meant by a name or an address. */
import { hasCode } from '../errors.ts';
import type { Container } from '../model/container.ts';
import type { Endpoint } from '../model/endpoint.ts';
import type { Network } from '../model/network.ts';
import { dataPortOf, type Node } from '../model/node.ts';
import type { Peer } from '../model/peer.ts';
import { poolContaining } from '../model/pools.ts';
import { findContainer } from '../model/references.ts';
import type { Sandbox } from '../model/sandbox.ts';
import { wireguardPort } from '../model/secure-tunnels.ts';
import type { View } from '../model/tables.ts';
import type { ServedService } from '../model/virtual-service.ts';
import { bare, readAddress } from '../net/address.ts';

/** A container, or a namespace that the engine did not make. */
export interface LocalEnd {
  readonly kind: 'container';
  readonly name: string;
  /** Absent for a namespace. */
  readonly container?: Container;
  /** Absent while it has none. */
  readonly sandbox?: Sandbox;
  readonly endpoints: readonly Endpoint[];
}

export type End =
  | LocalEnd
  | { readonly kind: 'host'; readonly name: string }
  /** `address` is '' where none was given. */
  | { readonly kind: 'outside'; readonly name: string; readonly address: string }
  | { readonly kind: 'peer'; readonly name: string; readonly peer: Peer; readonly node?: Node }
  | { readonly kind: 'service'; readonly name: string; readonly services: readonly ServedService[] }
  /** An address in the pool of a network that no record has. */
  | { readonly kind: 'nobody'; readonly name: string; readonly address: string; readonly network: Network };

export interface Looking {
  readonly view: View;
  /** Addresses of this host, without prefix length. */
  readonly hostAddresses: ReadonlySet<string>;
}

/** Undefined for a name that no record has; an address always has an end. */
export function findEnd(ref: string, looking: Looking): End | undefined {
  const { view } = looking;
  if (ref === 'host') return { kind: 'host', name: 'this host' };
  if (ref === 'outside') return { kind: 'outside', name: 'outside', address: '' };
  const outside = /^outside:(.*)$/.exec(ref)?.[1];
  if (outside !== undefined) return { kind: 'outside', name: outside, address: outside };
  if (readAddress(ref)) return endOfAddress(ref, looking);
  const container = containerOf(view, ref);
  if (container) return endOfContainer(view, container);
  const services = [...view.all('services')].filter(
    ({ name, serviceId }) => name === ref || serviceId === ref,
  );
  if (services.length > 0) return { kind: 'service', name: ref, services };
  return (
    endOfTask(view, ref) ??
    endOfNamespace(view, ref) ??
    endOfPeer(
      view,
      [...view.all('peers')].find(({ name }) => name === ref),
    ) ??
    endOfNetwork(view, ref)
  );
}

function containerOf(view: View, ref: string): Container | undefined {
  try {
    return findContainer(view, ref);
  } catch (error) {
    if (hasCode(error, 'CONTAINER_NOT_FOUND', 'BAD_REQUEST')) return undefined;
    throw error;
  }
}

/** A container of the host's network is the host. */
export function endOfContainer(view: View, container: Container): End {
  const sandbox = view.get('sandboxes', container.sandboxId);
  const { name } = container;
  const isUp = container.state.status === 'running';
  if (sandbox?.kind === 'host' && isUp) return { kind: 'host', name: `${name} (the host's network)` };
  // those of network `none` have no interface
  const all = sandbox ? sorted(view.endpointsOfSandbox(sandbox.id)) : [];
  const endpoints = all.filter(({ ifname }) => ifname !== '');
  return { kind: 'container', name, container, ...(sandbox && { sandbox }), endpoints };
}

const sorted = (endpoints: readonly Endpoint[]): readonly Endpoint[] =>
  endpoints.toSorted((a, b) => a.order - b.order);

const serviceLabel = 'com.docker.swarm.service.name';

/** The service whose task a container is; '' for none. */
export const serviceOf = (end: End): string =>
  (end.kind === 'container' && end.container?.config.Labels[serviceLabel]) || '';

/** A service without networks of its own stands for a task of it on this host. */
export function endOfTask(view: View, service: string): End | undefined {
  const tasks = [...view.all('containers')].filter(({ config }) => config.Labels[serviceLabel] === service);
  const task = tasks.find(({ state }) => state.status === 'running') ?? tasks[0];
  return task && endOfContainer(view, task);
}

function endOfNamespace(view: View, ref: string): End | undefined {
  for (const sandbox of view.all('sandboxes')) {
    if (sandbox.kind !== 'external') continue;
    const endpoints = sorted(view.endpointsOfSandbox(sandbox.id));
    if (sandbox.path === ref || endpoints.some(({ name }) => name === ref))
      return { kind: 'container', name: ref, sandbox, endpoints };
  }
  return undefined;
}

/** A network stands for the first container on it that runs. */
function endOfNetwork(view: View, ref: string): End | undefined {
  const network = view.networkByName(ref) ?? view.get('networks', ref);
  if (!network) return undefined;
  const [endpoint] = view.endpointsOfNetwork(network.id);
  const container = endpoint && view.get('containers', endpoint.containerId);
  return container && endOfContainer(view, container);
}

function endOfPeer(view: View, peer: Peer | undefined): End | undefined {
  if (!peer) return undefined;
  const node = view.get('nodes', peer.nodeId);
  return { kind: 'peer', name: peer.name, peer, ...(node && { node }) };
}

const holds = (addresses: readonly string[], address: string): boolean =>
  addresses.some((each) => bare(each) === address);

export function endOfAddress(address: string, { view, hostAddresses }: Looking): End {
  for (const endpoint of view.all('endpoints')) {
    if (!holds(endpoint.addresses, address)) continue;
    const container = view.get('containers', endpoint.containerId);
    if (container) return endOfContainer(view, container);
    const sandbox = view.get('sandboxes', endpoint.sandboxId);
    if (sandbox) return { kind: 'container', name: endpoint.name, sandbox, endpoints: [endpoint] };
  }
  if (hostAddresses.has(address)) return { kind: 'host', name: 'this host' };
  for (const peer of view.all('peers'))
    if (holds(peer.addresses, address)) return endOfPeer(view, peer) ?? outsideOf(address);
  for (const service of view.all('services'))
    if (holds(service.addresses, address))
      return { kind: 'service', name: service.name, services: [service] };
  for (const network of view.all('networks'))
    if (!network.configOnly && poolContaining(network, address))
      return { kind: 'nobody', name: address, address, network };
  return outsideOf(address);
}

const outsideOf = (address: string): End => ({ kind: 'outside', name: address, address });

/** `container web`, `this host`, ...; for sentences. */
export function placeOf(end: End): string {
  if (end.kind === 'container') return end.container ? `container ${end.name}` : `namespace ${end.name}`;
  if (end.kind === 'peer') return `container ${end.name} on host ${end.node?.name ?? end.peer.nodeId}`;
  if (end.kind === 'service') return `service ${end.name}`;
  return end.name;
}

/** Networks that both are on, with the endpoint of each. */
export function commonNetworks(
  view: View,
  { from, to }: { readonly from: End; readonly to: End },
): readonly {
  readonly network: Network;
  readonly from: Endpoint;
  readonly to: Pick<Endpoint, 'addresses'>;
}[] {
  if (from.kind !== 'container') return [];
  const others = membersOf(to);
  return from.endpoints.flatMap((endpoint) => {
    const other = others.find(({ networkId }) => networkId === endpoint.networkId);
    const network = view.get('networks', endpoint.networkId);
    return other && network ? [{ network, from: endpoint, to: other }] : [];
  });
}

/** The port between hosts that carries their common network: VXLAN's, or WireGuard's for an encrypted one. */
export function tunnelPort(view: View, ends: { readonly from: End; readonly to: End }): string {
  const isEncrypted = commonNetworks(view, ends).some(({ network }) => network.overlay?.encrypted);
  return `${isEncrypted ? wireguardPort : dataPortOf(view.all('nodes'))}/udp`;
}

function membersOf(end: End): readonly Pick<Endpoint, 'networkId' | 'addresses'>[] {
  if (end.kind === 'container') return end.endpoints;
  if (end.kind === 'peer') return [end.peer];
  if (end.kind === 'service') return end.services;
  return [];
}
