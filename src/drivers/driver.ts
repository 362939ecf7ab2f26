/** What every network driver answers. Nothing here acts. */
import type { Endpoint, EndpointAsk } from '../model/endpoint.ts';
import type { Family, Network, NetworkDraft } from '../model/network.ts';
import type { Sandbox } from '../model/sandbox.ts';
import type { Facts, KernelObject } from '../objects/object.ts';

/** What a draft is judged against. */
export interface DraftContext {
  /** The networks that are there already. */
  readonly networks: Iterable<Network>;
  readonly facts: Facts;
  /** Whether the host has a link of that name. */
  hasLink(name: string): boolean;
}

/** Which names and addresses an endpoint needs; the choices themselves are the caller's. */
export interface EndpointShape {
  /** Name of the interface inside, as asked; '' where none was asked. */
  readonly ifname: string;
  /** What a number is put behind to name the interface; '' where the driver makes none. */
  readonly ifPrefix: string;
  /** Name of the end on the host, or ''. */
  readonly hostLink: string;
  /** Whether the endpoint has a MAC address of its own. */
  readonly mac: boolean;
}

/** Everything that a plan for one endpoint follows from. */
export interface EndpointPlace {
  readonly network: Network;
  readonly endpoint: Endpoint;
  readonly sandbox: Sandbox;
  readonly facts: Facts;
}

export interface Driver {
  /** As `docker network ls` shows it. */
  readonly name: string;
  readonly scope: 'local' | 'global';
  /** Only the predefined network of it may exist. */
  readonly singleInstance: boolean;
  /** Endpoints and gateways have addresses of the network's pools. */
  readonly needsAddresses: boolean;
  /** Published ports can lead to its endpoints. */
  readonly publishesPorts: boolean;
  /** Several networks may have the same link, which then belongs to the oldest of them. */
  readonly sharesLink: boolean;
  /** Throws NETWORK_OPTION_INVALID and the like in Docker's words. */
  validate(draft: NetworkDraft, context: DraftContext): void;
  /** Whether pools get a gateway address where none is asked for. */
  wantsGateway(draft: Pick<NetworkDraft, 'options' | 'internal'>, family: Family): boolean;
  /** Whether an endpoint of it can have the sandbox's default route. */
  leadsOut(network: Network, family: Family): boolean;
  /** The network's own link, or the parent of its endpoints' links; '' for none. */
  linkName(networkId: string, options: Readonly<Record<string, string>>): string;
  /** Throws NETWORK_OPTION_INVALID where the endpoint's options are not valid. */
  endpointShape(
    network: Network,
    endpoint: { readonly id: string; readonly ask: EndpointAsk },
  ): EndpointShape;
  planNetwork(network: Network, facts: Facts): readonly KernelObject[];
  planEndpoint(place: EndpointPlace): readonly KernelObject[];
}

/** For drivers whose endpoints have no interface. */
export const noInterface: EndpointShape = { ifname: '', ifPrefix: '', hostLink: '', mac: false };
