/**
 * Services of a swarm as the data path of this host needs them. They are given by a manager, and are on record so that a host
 * that boots while no manager answers serves what it last knew.
 */
import type { Protocol } from './sandbox.ts';

/** One that answers for a service. */
export interface Backend {
  /** Of its task. */
  readonly id: string;
  /** In the network, without prefix length; at most one per family. */
  readonly addresses: readonly string[];
  /** False while it drains or is not healthy: it keeps its flows and gets no new ones. */
  readonly open: boolean;
}

/** A service on one network. */
export interface VirtualService {
  /** `SERVICE NETWORK`, ids. */
  readonly id: string;
  readonly serviceId: string;
  readonly networkId: string;
  readonly name: string;
  /** Further names that lead to it in this network. */
  readonly aliases: readonly string[];
  /** Without prefix length, at most one per family; empty in mode `dnsrr`, whose names lead to the backends. */
  readonly addresses: readonly string[];
  readonly backends: readonly Backend[];
}

/** As it is on record here. */
export interface ServedService extends VirtualService {
  /** Its names are answered: the rules of the sandboxes here that lead to its addresses are in. */
  readonly named?: true;
}

/** A port that each node of the swarm serves. */
export interface MeshPort {
  /** `PROTOCOL PORT`. */
  readonly id: string;
  readonly protocol: Protocol;
  readonly port: number;
  readonly targetPort: number;
  readonly serviceId: string;
  readonly serviceName: string;
  readonly backends: readonly MeshBackend[];
}

export interface MeshBackend extends Omit<Backend, 'addresses'> {
  readonly nodeId: string;
  /** Name of its container, which is unique in the swarm: by it the node that it is on finds its address on `docker_gwbridge`. */
  readonly container: string;
}
