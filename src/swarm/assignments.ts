/** What a node is given by a manager: what its tasks need, and nothing else. */

import type { Network } from '../model/network.ts';
import type { Node } from '../model/node.ts';
import type { Peer } from '../model/peer.ts';
import type { MeshPort, VirtualService } from '../model/virtual-service.ts';
import type { SwarmTask, TaskStatus } from './records.ts';

/** A secret or config, as its tasks see it. Held in memory only. */
export interface AssignedFile {
  readonly id: string;
  readonly name: string;
  /** Base64. */
  readonly data: string;
}

/** The whole set of a node. */
export interface Assignments {
  /** Of the swarm's state. A worker keeps the highest (generation, revision) it has seen and refuses less. */
  readonly generation: number;
  readonly revision: number;
  /** Tasks that are to be on the node, in whatever desired state; one that is missing is removed there. */
  readonly tasks: readonly SwarmTask[];
  /** Those of its tasks and attachments. */
  readonly networks: readonly Network[];
  /** Endpoints on other nodes of these networks. */
  readonly peers: readonly Peer[];
  /** Nodes that peers are on, and where the mesh has tasks. */
  readonly nodes: readonly Node[];
  /** On these networks. */
  readonly services: readonly VirtualService[];
  /** Published by the routing mesh; on every node. */
  readonly meshPorts: readonly MeshPort[];
  readonly secrets: readonly AssignedFile[];
  readonly configs: readonly AssignedFile[];
}

/** From a node to a manager. */
export interface TaskReport {
  readonly taskId: string;
  readonly status: TaskStatus;
}

/** A manager reads the log of a task on the node that has it. */
export interface TaskLogRequest {
  readonly taskId: string;
  readonly serviceId: string;
  readonly containerId: string;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly follow: boolean;
  readonly timestamps: boolean;
  readonly details: boolean;
  /** Lines from the end; absent: all. */
  readonly tail?: number;
  /** Nanoseconds since the epoch, decimal. */
  readonly since?: string;
}

/** A standalone container asks for a place on an attachable network. The manager chooses what is left open. */
export interface AttachmentRequest {
  /** Id or name. */
  readonly network: string;
  readonly containerId: string;
  readonly name: string;
  /** Without prefix length; '' for any. */
  readonly ipv4: string;
  readonly ipv6: string;
  readonly aliases: readonly string[];
}
