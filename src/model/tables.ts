/** The tables of the model, their read-only view for transitions, and changes to them. */
import type { Claim } from './claim.ts';
import type { ClusterState } from './cluster-state.ts';
import type { Container } from './container.ts';
import type { DriverTable } from './driver.ts';
import type { Endpoint } from './endpoint.ts';
import type { FanoutReader } from './fanouts.ts';
import type { Image } from './image.ts';
import type { LeaseReader } from './leases.ts';
import type { MacReader } from './mac-index.ts';
import type { Network } from './network.ts';
import type { Node } from './node.ts';
import type { OutboxEntry } from './outbox.ts';
import type { Peer } from './peer.ts';
import type { Policy } from './policy.ts';
import type { PortReader } from './port-index.ts';
import type { Sandbox } from './sandbox.ts';
import type { MeshPort, ServedService } from './virtual-service.ts';
import type { Volume } from './volume.ts';

/** Table name to record; the key is `id` (`name` for volumes). Each is a database of the store. */
export interface Tables {
  readonly networks: Network;
  readonly endpoints: Endpoint;
  readonly sandboxes: Sandbox;
  readonly containers: Container;
  readonly images: Image;
  readonly volumes: Volume;
  readonly outbox: OutboxEntry;
  /** The hosts of the cluster, this one among them. */
  readonly nodes: Node;
  /** Endpoints of other nodes. */
  readonly peers: Peer;
  readonly claims: Claim;
  readonly cluster: ClusterState;
  /** Services of the swarm, on each network that this host has. */
  readonly services: ServedService;
  readonly meshPorts: MeshPort;
  /** Policies of documents. */
  readonly policies: Policy;
}

export type TableName = keyof Tables;

export const tableNames: readonly TableName[] = [
  'networks',
  'endpoints',
  'sandboxes',
  'containers',
  'images',
  'volumes',
  'outbox',
  'nodes',
  'peers',
  'claims',
  'cluster',
  'services',
  'meshPorts',
  'policies',
];

/** One change of one record. All changes of a list are made together or not at all. */
export type Change = {
  readonly [T in TableName]:
    | { readonly table: T; readonly put: Tables[T] }
    | { readonly table: T; readonly remove: string };
}[TableName];

/** The records as a transition reads them. Look-ups are O(log n) or better. */
export interface View {
  /** Changes with the records. */
  readonly version: number;
  get<T extends TableName>(table: T, key: string): Tables[T] | undefined;
  all<T extends TableName>(table: T): Iterable<Tables[T]>;
  /** One of this host before one of the cluster. */
  networkByName(name: string): Network | undefined;
  containerByName(name: string): Container | undefined;
  /** Networks with a link of that name on the host (`hostLinksOf`); usually one. */
  networksOfLink(link: string): readonly Network[];
  endpointsOfNetwork(networkId: string): readonly Endpoint[];
  endpointsOfSandbox(sandboxId: string): readonly Endpoint[];
  /** Endpoints of other nodes that are on it. */
  peersOfNetwork(networkId: string): readonly Peer[];
  /** Services of the swarm that are on it. */
  servicesOfNetwork(networkId: string): readonly ServedService[];
  sandboxOfContainer(containerId: string): Sandbox | undefined;
  /** Containers whose records name it (`sandboxId`), including its owner. */
  containersOfSandbox(sandboxId: string): readonly Container[];
  /** Containers with legacy links. */
  linkedContainers(): Iterable<Container>;
  /** Containers whose labels are policies. */
  governedByLabels(): Iterable<Container>;
  /** The sandbox that is parked under a container's id or name. */
  parkedSandbox(owner: string): Sandbox | undefined;
  /** The drivers of networks. */
  readonly drivers: DriverTable;
  readonly leases: LeaseReader;
  readonly ports: PortReader;
  readonly macs: MacReader;
  readonly fanouts: FanoutReader;
}

/** The key of a record in its table. */
export function keyOf<T extends TableName>(table: T, record: Tables[T]): string {
  return table === 'volumes' ? (record as Volume).name : (record as { id: string }).id;
}
