/** The verbs of networks. */
import type { Endpoint, EndpointRates, EndpointSpec } from '../model/endpoint.ts';
import type { Network, NetworkRequest } from '../model/network.ts';
import type { Node } from '../model/node.ts';
import type { Peer } from '../model/peer.ts';
import type { RateChange } from '../model/rates.ts';
import type { VirtualService } from '../model/virtual-service.ts';

export interface NetworkDetail {
  readonly network: Network;
  readonly endpoints: readonly Endpoint[];
  /** Of a network of the cluster: endpoints of other hosts, and the hosts that have any. */
  readonly peers?: readonly Peer[];
  readonly hosts?: readonly Node[];
}

/** Usage of a pool. */
export interface PoolUsage {
  /** CIDR. */
  readonly subnet: string;
  /** Taken addresses, including those that no endpoint can have. */
  readonly used: bigint;
  /** Addresses that are free for endpoints, of the ip-range if there is one. */
  readonly free: bigint;
}

export interface NetworkVerbs {
  list(): readonly NetworkDetail[];
  /** `scope`: `swarm` finds those of the swarm alone, also the ones that are `bridge` and `host` of each node. */
  get(ref: string, scope?: string): NetworkDetail;
  /** Usage of each pool, in the network's order; none of a network without addresses. */
  usage(ref: string): Promise<readonly PoolUsage[]>;
  /** Of a swarm, that are on it. */
  services(ref: string): readonly VirtualService[];
  create(request: NetworkRequest): Promise<{ readonly id: string; readonly warning: string }>;
  remove(ref: string): Promise<void>;
  connect(ref: string, containerRef: string, spec: Omit<EndpointSpec, 'network'>): Promise<void>;
  disconnect(ref: string, containerRef: string, options: { readonly force: boolean }): Promise<void>;
  /** Limits the rates of a container on a network, or tells them. */
  rate(ref: string, containerRef: string, change: RateChange): Promise<EndpointRates>;
  /** Removes unused networks that match; returns their names. */
  prune(matches: (network: Network) => boolean): Promise<readonly string[]>;
}
