/** The interface of network drivers, which are passed in as a table. Pure except for `Asking`. */

import type { PoolSource } from '../ipam/choose-pool.ts';
import type { Family } from '../net/family.ts';
import type { Facts, KernelObject, RouteObject } from '../objects/object.ts';
import type { Container } from './container.ts';
import type { AddressLease, Endpoint, EndpointAnswers, EndpointSpec } from './endpoint.ts';
import type { Forwarding } from './forwarding.ts';
import type { CompleteRequest, Network, Overlay } from './network.ts';
import type { Node } from './node.ts';
import type { Options } from './option-values.ts';
import type { PluginCall } from './outbox.ts';
import type { Peer } from './peer.ts';
import type { Sandbox } from './sandbox.ts';
import type { MeshPort } from './virtual-service.ts';

/** Facts for the check of a request. */
export interface RequestContext {
  /** The existing networks. */
  readonly networks: Iterable<Network>;
  readonly facts: Facts;
  /** The hosts of the cluster; absent, or without this one, where it is in none. */
  readonly nodes?: Iterable<Node>;
  /** The lowest VXLAN identifier that may be chosen; absent: the driver's. */
  readonly firstVni?: number;
  /** Whether the host has a link of that name. */
  hasLink(name: string): boolean;
}

/** Which names and addresses an endpoint needs; the choices themselves are the caller's. */
export interface EndpointShape {
  /** Requested name of the interface inside; '' for none. */
  readonly ifname: string;
  /** Prefix of the interface's name inside a sandbox (`eth` gives `eth0`); '' where the driver makes none. */
  readonly ifPrefix: string;
  /** Name of the end on the host, or ''. */
  readonly hostLink: string;
  /** The fanout of the network's link for the endpoint, if the link itself is full. */
  readonly fanout?: string;
  /** Whether the endpoint has its own MAC address. */
  readonly mac: boolean;
}

/** An endpoint's network, and the answers of the network's driver for the endpoint. */
export interface Attached<O = unknown> {
  readonly network: Network<O>;
  readonly answers?: EndpointAnswers;
}

/** Input for the shape of an endpoint. */
export interface ShapeInput {
  readonly id: string;
  /** Requested name of the interface; '' for any. */
  readonly ifname: string;
  /** Answers of the driver. */
  readonly answers?: EndpointAnswers;
  /** How many endpoints each fanout of the network's link has; '' is the link itself. */
  readonly loads?: ReadonlyMap<string, number>;
  /** This host, for a network of its cluster. */
  readonly here?: Node;
}

/** An endpoint that is about to be made. */
export interface PendingEndpoint {
  readonly id: string;
  /** Of the container, or of the namespace in this network. */
  readonly name: string;
  readonly network: Network;
  readonly spec: EndpointSpec;
  /** With prefix length; empty where the driver tells them. */
  readonly addresses: readonly string[];
  /** '' where the driver may choose it. */
  readonly mac: string;
  /** Path of the namespace that it will be in. */
  readonly sandboxPath: string;
  /** Absent for a namespace that no container is in. */
  readonly container?: Pick<Container, 'config' | 'hostConfig' | 'name'>;
}

/** An endpoint prepared before the transition that makes it. */
export interface PreparedEndpoint {
  readonly id: string;
  /** Absent if the driver asks no plugin. */
  readonly answers?: EndpointAnswers;
  /** Absent where the transition chooses them. */
  readonly addresses?: readonly string[];
  readonly mac?: string;
  readonly leases?: readonly AddressLease[];
}

/** How a driver asks another program, so that whatever that has done can be taken back, also after a crash. */
export interface Ledger {
  /**
   * Asks by `request`. `undo` is on record before, and forgotten again where it is certain that nothing was done;
   * undefined where nothing needs to be taken back.
   */
  ask<T>(undo: PluginCall | undefined, request: () => Promise<T>): Promise<T>;
  /** Undoing that an answer requires. */
  given(undo: PluginCall): Promise<void>;
}

/** Requests of a driver to a program outside of the engine, such as a plugin. */
export interface Asking {
  /** Acts, before the network is on record with its pools. */
  prepareNetwork?(network: Network, ledger: Ledger): Promise<void>;
  /** Acts before the transition. Its answers are kept in the endpoint's record, for the plan. */
  prepareEndpoint(request: PendingEndpoint, ledger: Ledger): Promise<EndpointAnswers>;
  /** Acts, once the endpoint has become its sandbox's way out. */
  open?(input: Omit<EndpointInput, 'facts'>, container: PendingEndpoint['container']): Promise<void>;
  /** Acts: further information on an existing endpoint. */
  info?(input: Omit<EndpointInput, 'facts'>): Promise<Readonly<Record<string, unknown>>>;
  /** What is asked when it is that no longer. Pure, as the next two. */
  closing?(network: Network, endpoint: Endpoint): readonly PluginCall[];
  /** Requests that take back a prepared endpoint. */
  endpointGone(
    network: Pick<Network, 'id'>,
    endpoint: Pick<Endpoint, 'id' | 'answers'>,
  ): readonly PluginCall[];
  networkGone(network: Pick<Network, 'id'>): readonly PluginCall[];
}

/** Everything that a plan for one endpoint follows from. */
export interface EndpointInput<O = unknown> {
  readonly network: Network<O>;
  readonly endpoint: Endpoint;
  readonly sandbox: Sandbox;
  readonly facts: Facts;
}

/** Use of a network, on which its own links depend. */
export interface NetworkMembers {
  /** Fanouts of the network's link that have endpoints. */
  readonly fanouts?: readonly string[];
  /** For a network of the cluster: how many endpoints it has here, those of other nodes, and the nodes. */
  readonly endpoints?: number;
  readonly peers?: readonly Peer[];
  readonly nodes?: readonly Node[];
  /** For the network of the routing mesh. */
  readonly mesh?: MeshMembers;
}

/** What the routing mesh of this host follows from. */
export interface MeshMembers {
  /** That this node serves. */
  readonly ports: readonly MeshPort[];
  /** Id of this node. */
  readonly here: string;
  /** Of nodes, by id. */
  readonly numbers: ReadonlyMap<string, number>;
  /** Addresses without prefix length of containers with ports of the mesh, by name, on the network that leads out. */
  readonly addresses: ReadonlyMap<string, readonly string[]>;
  /** That network. */
  readonly gateway?: MeshMembersGateway;
}

export interface MeshMembersGateway {
  readonly link: string;
  readonly subnets: readonly string[];
}

/**
 * `O`: its parsed options. It is passed only its own networks, whose `parsed` is a result of its `parse`.
 */
export interface Driver<O = unknown> {
  /** As `docker network ls` shows it. */
  readonly name: string;
  readonly scope: 'local' | 'global';
  /** Only the predefined network of it may exist. */
  readonly singleInstance: boolean;
  /** Endpoints and gateways have addresses of the network's pools. */
  readonly needsAddresses: boolean;
  /** Endpoints have an interface in their sandbox. */
  readonly hasInterfaces: boolean;
  /** Containers on it are in the host's own network namespace. */
  readonly sharesHost: boolean;
  /** Several networks may have the same link, which then belongs to the oldest of them. */
  readonly sharesLink: boolean;
  /** Pools for its networks; by default the engine's. */
  readonly pools?: readonly PoolSource[];
  /**
   * Reads the options of a network, each by itself; those of other drivers are ignored. Throws NETWORK_OPTION_INVALID
   * in Docker's words.
   */
  parse(options: Options): O;
  /** Checks a request against other networks and links of the host. Throws in Docker's words. */
  validate(request: CompleteRequest<O>, context: RequestContext): void;
  /** What is chosen once for all hosts of a cluster; absent for networks of one host. Throws as `validate`. */
  chooseOverlay?(request: CompleteRequest<O>, context: RequestContext): Overlay;
  /** What was chosen in the words of options, which Docker shows of networks of a swarm. */
  chosenOptions?(overlay: Overlay): Options;
  /** Whether pools get a gateway address if none is requested. */
  wantsGateway(request: Pick<CompleteRequest<O>, 'parsed' | 'internal'>, family: Family): boolean;
  /** Whether an endpoint of it can have the sandbox's default route. */
  leadsOut(attached: Attached<O>, family: Family): boolean;
  /** Its endpoints never lead out, and their sandbox gets another endpoint that does where nothing else does. */
  readonly wayOut?: 'separate';
  /** The host's own address in the network next to an endpoint's; undefined where the host is not on it. */
  hostAddress(network: Network<O>, endpointAddress: string): string | undefined;
  /** The network's own link, or the parent of its endpoints' links; '' for none. */
  linkName(networkId: string, options: O): string;
  /** Throws NETWORK_CONFLICT, NETWORK_FULL where the network takes no such endpoint. */
  endpointShape(network: Network<O>, endpoint: ShapeInput): EndpointShape;
  planNetwork(network: Network<O>, facts: Facts, members?: NetworkMembers): readonly KernelObject[];
  /** Absent for a driver that asks no plugin. */
  readonly asking?: Asking;
  planEndpoint(input: EndpointInput<O>): readonly KernelObject[];
  /** Absent where packets of its endpoints do not pass the host's own firewall: no port leads to them. */
  forwarding?(network: Pick<Network<O>, 'parsed'>): Forwarding;
  /** The engine's default network of this driver; absent where a driver has none. */
  defaultNetwork?(settings: DefaultNetworkSettings, facts: Facts): DefaultNetwork;
  /** The network of this driver by which sandboxes lead out that have no gateway otherwise. */
  readonly gatewayNetwork?: GatewayNetwork;
  /** Absent where the host reaches the endpoints by the network's own link, or not at all. */
  readonly hostAccess?: HostAccess<O>;
}

/** How the host reaches endpoints that its own link cannot reach: by an additional link, and a route to each. */
export interface HostAccess<O = unknown> {
  /** Under which name the host's address is reserved in the pools. */
  readonly addressName: string;
  /** Whether a network with these options is to have it. */
  wanted(options: O): boolean;
  /** Name of that link, '' for a network without. */
  link(network: Network<O>): string;
  /** The host's routes to endpoints by that link. */
  planRoutes(network: Network<O>, endpoints: Iterable<Pick<Endpoint, 'addresses'>>): readonly RouteObject[];
}

export interface GatewayNetwork {
  readonly name: string;
  readonly driver: string;
  readonly options: Readonly<Record<string, string>>;
}

/** The engine's settings that its default network follows. */
export interface DefaultNetworkSettings {
  /** Name of its link, '' for the driver's choice. */
  readonly name: string;
  readonly icc: boolean;
  readonly ipMasq: boolean;
  /** 0: from the uplink. */
  readonly mtu: number;
  readonly ipv6: boolean;
  /** Address that published ports are bound to, or ''. */
  readonly ip: string;
}

export interface DefaultNetwork {
  readonly link: string;
  readonly options: Readonly<Record<string, string>>;
}

/** The drivers that there are, by name. */
export interface DriverTable {
  /** Throws DRIVER_NOT_FOUND. */
  find(name: string): Driver;
  readonly names: readonly string[];
}
