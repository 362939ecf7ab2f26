/** How the engine reaches the swarm's state: as a manager, or over a session with one. Contracts only. */
import type { Network } from '../model/network.ts';
import type { Assignments, AttachmentRequest, TaskLogRequest, TaskReport } from './assignments.ts';
import type { NodeDescription, SwarmChange, SwarmTask, SwarmTransition, SwarmView } from './records.ts';

/** The state on a manager: a mirror in memory, changed by transactions. */
export interface SwarmStore {
  /** The newest state that this manager has; it is behind the store by milliseconds. */
  readonly view: SwarmView;
  /**
   * All or nothing. The records that were put have their new version in the view when it resolves. Throws what the transition throws;
   * SWARM_NO_LEADER, at once, where the managers have no quorum.
   */
  transact<R>(transition: SwarmTransition<R>): Promise<R>;
  /** Called after each change of the view, by whichever manager; `removed` records as they were. */
  onChange(listener: (changes: readonly SwarmChange[], before: SwarmView) => void): () => void;
}

/** Reads a log of this node, in the frames of the API. `gone`: the reader has gone. */
export type ServeLog = (request: TaskLogRequest, gone: AbortSignal) => AsyncIterable<Buffer>;

/** A node's way to its managers; on a manager it leads to itself. */
export interface ManagerLink {
  /** Called with each whole set that is newer than the last one. */
  onAssignments(listener: (assignments: Assignments) => void): void;
  /** Coalesced and sent in batches; the last status of a task counts. Kept until a manager has it. */
  report(report: TaskReport): void;
  /** The node's kernel and resolver agree with the set of this revision. */
  acknowledge(revision: number): void;
  describe(description: NodeDescription): void;
  /** Resolves with the task that stands for it, its network and the peers there. Throws the manager's error, in Docker's words. */
  attach(request: AttachmentRequest): Promise<{ readonly task: SwarmTask; readonly network: Network }>;
  /** Managers may ask for logs from here on. */
  serveLogs(serve: ServeLog): void;
  /** Kept until a manager has it. */
  detach(taskId: string): void;
  /** The container of an attachment has another name. Throws the manager's error. */
  rename(taskId: string, name: string): Promise<void>;
}

/** State of this node as `docker info` tells it. */
export interface SwarmStanding {
  readonly state: 'inactive' | 'pending' | 'active' | 'error' | 'locked';
  readonly nodeId: string;
  readonly address: string;
  /** Where its tunnels end (`--data-path-addr`); absent: at `address`. */
  readonly dataAddress?: string;
  readonly isManager: boolean;
  readonly error: string;
  readonly managers: readonly { readonly nodeId: string; readonly address: string }[];
  readonly warnings: readonly string[];
}
