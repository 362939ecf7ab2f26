/** What a node that is in a swarm has. */
import type { NodeFiles, NodeIdentity, NodeKeys } from '../../manager/node-files.ts';
import type { Network } from '../../model/network.ts';
import type { Logger } from '../../observe/logger.ts';
import type { ManagerLink, SwarmStanding, SwarmStore } from '../../swarm/access.ts';
import type { AttachmentRequest, TaskLogRequest } from '../../swarm/assignments.ts';
import type { SwarmTask } from '../../swarm/records.ts';

export interface Member {
  /** The role that its certificate names; absent while the node joins. */
  readonly role?: NodeIdentity['role'];
  standing(): SwarmStanding;
  /** Absent while the node joins. */
  readonly link: ManagerLink | undefined;
  /** On a manager that is ready. */
  readonly store: SwarmStore | undefined;
  /** On a manager that is ready. */
  readonly inside?: ManagerInside | undefined;
  /** Ends what runs in this process for the swarm. */
  close(): Promise<void>;
}

export interface ManagerInside {
  /** Of the nodes that have sessions with it. */
  readonly logs: TaskLogs;
  /** How far a node has come, and for how many milliseconds it is behind; undefined where that is not known here. */
  progress(nodeId: string): { readonly revision: number; readonly behind?: number } | undefined;
}

export interface TaskLogs {
  /** undefined where the node cannot be asked. */
  readLog(nodeId: string, request: TaskLogRequest, gone: AbortSignal): AsyncIterable<Buffer> | undefined;
}

/** What runs tasks here, and finds places for other containers on networks of the swarm. */
export interface SwarmAgent {
  /** Whether a container is one of the node's tasks, whose places are chosen already. */
  isTask(taskId: string): boolean;
  /** A place for a container, and its network on record here. Throws the manager's error. */
  attach(request: AttachmentRequest): Promise<{ readonly task: SwarmTask; readonly network: Network }>;
  /** The container of that place is there, or is not after all: from here on its place follows its endpoint. */
  attached(taskId: string): void;
  /** Ends what was begun for the swarm, and removes what it has made here. */
  leave(): Promise<void>;
  /** The engine ends; what runs goes on. */
  close(): void;
}

export interface MemberOptions {
  readonly files: NodeFiles;
  readonly identity: NodeIdentity;
  /** undefined: they are locked. */
  readonly keys: NodeKeys | undefined;
  /** Folder below the exec root. */
  readonly run: string;
  readonly cgroups: readonly string[];
  readonly logger: Logger;
  /** What of this host is in the way, for `docker info`. */
  readonly warnings: readonly string[];
  /** The standing is another one. */
  readonly changed: () => void;
  /** The managers have removed this node. */
  readonly removed: () => void;
}
