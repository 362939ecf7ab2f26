/** The records of a swarm, as its managers keep them. Each is one key of their store, and its value is sealed there. */
import type { Network } from '../model/network.ts';
import type {
  Annotations,
  ClusterSpec,
  ConfigSpec,
  EndpointSpec,
  NodeSpec,
  PortConfig,
  SecretSpec,
  ServiceSpec,
  TaskSpec,
} from './spec.ts';

export interface Meta {
  /** 25 characters of 0-9a-z. */
  readonly id: string;
  /** Revision of its last change in the store, `Version.Index` of the API; 0 for a record that is not stored yet. */
  readonly version: number;
  /** RFC 3339, nanoseconds, UTC; also the next one. */
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** The swarm itself; there is one. */
export interface SwarmCluster extends Meta {
  readonly spec: ClusterSpec;
  /** Random. A restored or re-initialized swarm has another one, greater in `generation`. */
  readonly epoch: { readonly id: string; readonly generation: number };
  /** PEM of the root CA that nodes trust. */
  readonly rootCa: string;
  /** It, signed by the one before: nodes that still trust that one take its certificates by this. */
  readonly crossSigned?: string;
  /** The one that takes its place once all nodes have certificates by it. */
  readonly nextRoot?: { readonly certificate: string; readonly crossSigned: string };
  /** CIDR; empty: Docker's default, 10.0.0.0/8. */
  readonly addressPools: readonly string[];
  readonly subnetSize: number;
  /** UDP port of VXLAN. */
  readonly dataPathPort: number;
}

/** What only managers may know. Never in LMDB, in a log, or on a worker. */
export interface SwarmKeys extends Meta {
  readonly workerToken: string;
  readonly managerToken: string;
  /** PEM of the root CA's private key. */
  readonly rootKey: string;
  readonly nextRootKey?: string;
  /** PEM of the CA of the members of the managers' store. */
  readonly peerCa: string;
  readonly peerKey: string;
  /** Of nodes that are no managers any more. */
  readonly revokedPeers?: readonly PeerCertificate[];
  /** `SWMKEY-1-...`; '' without autolock. */
  readonly unlockKey: string;
}

/** Of a member of the managers' store. */
export interface PeerCertificate {
  /** Hexadecimal. */
  readonly serial: string;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

export type NodeState = 'unknown' | 'down' | 'ready' | 'disconnected';

/** What a node says of itself when its session begins, and when it changes. */
export interface NodeDescription {
  readonly hostname: string;
  readonly platform: { readonly architecture: string; readonly os: string };
  readonly resources: { readonly nanoCpus: number; readonly memoryBytes: number };
  readonly engine: {
    readonly version: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly plugins: readonly { readonly type: string; readonly name: string }[];
  };
  /** Addresses that its tunnels end at, without prefix length; at least one. */
  readonly data4?: string;
  readonly data6?: string;
  /** Of the link that has its data address. */
  readonly mtu: number;
  /** Public key of its WireGuard, base64. */
  readonly tunnelKey?: string;
  /** CIDR of what the host routes itself: pools of networks avoid it. */
  readonly routes: readonly string[];
  /** Published ports that a program of the host has: `tcp 8080`. */
  readonly busyPorts: readonly string[];
}

export interface SwarmNode extends Meta {
  readonly spec: NodeSpec;
  /** Version of the record before its spec last changed: who has seen a later one has seen the spec of now. */
  readonly specChangedAfter?: number;
  /** Absent until its first session. */
  readonly description?: NodeDescription;
  readonly status: {
    readonly state: NodeState;
    readonly message: string;
    /** As the managers see it. */
    readonly address: string;
    /** RFC 3339 of the last change of the state. */
    readonly since: string;
  };
  /** Present on managers. */
  readonly manager?: {
    /** `IP:port` of its manager API. */
    readonly address: string;
    readonly reachability: 'reachable' | 'unreachable' | 'unknown';
    readonly leader: boolean;
  };
  /** 1 to 4095, used again last; the routing mesh marks packets with it. 0 until the leader has chosen it. */
  readonly number: number;
  /** Of its certificate (base64 of DER), and the root CA that it trusts (PEM). */
  readonly certificate?: {
    readonly issuerSubject: string;
    readonly issuerPublicKey: string;
    readonly trustRoot?: string;
  };
  /** Those that it has among the managers of the store. */
  readonly peerCertificates?: readonly PeerCertificate[];
  /** Manager that has its session, and the session. */
  readonly session?: { readonly managerId: string; readonly id: string };
}

/** A virtual address: with prefix length, as the API shows it. */
export interface VirtualAddress {
  readonly networkId: string;
  readonly address: string;
}

export interface UpdateStatus {
  readonly state:
    | 'updating'
    | 'paused'
    | 'completed'
    | 'rollback_started'
    | 'rollback_paused'
    | 'rollback_completed';
  readonly startedAt: string;
  readonly completedAt?: string;
  readonly message: string;
}

export interface SwarmService extends Meta {
  readonly spec: ServiceSpec;
  /** Of `spec`: tasks remember which one they are of. A rollback goes back to the one before. */
  readonly specVersion: number;
  /** Counts changes of `spec`, also those back; 0 where it is absent. */
  readonly generation?: number;
  readonly previousSpec?: ServiceSpec;
  readonly previousSpecVersion?: number;
  /** What was given to it; absent until the leader has seen it. */
  readonly endpoint?: {
    readonly spec: EndpointSpec;
    /** With published ports chosen. */
    readonly ports: readonly PortConfig[];
    readonly addresses: readonly VirtualAddress[];
  };
  readonly updateStatus?: UpdateStatus;
  /** Of jobs: counts their runs. */
  readonly jobStatus?: { readonly iteration: number; readonly lastExecution: string };
}

/** In order: a task goes forward only. */
export const taskStates = [
  'new',
  'allocated',
  'pending',
  'assigned',
  'accepted',
  'preparing',
  'ready',
  'starting',
  'running',
  'complete',
  'shutdown',
  'failed',
  'rejected',
  'remove',
  'orphaned',
] as const;
export type TaskState = (typeof taskStates)[number];

/** What a node reports of a task. */
export interface TaskStatus {
  readonly timestamp: string;
  readonly state: TaskState;
  readonly message: string;
  /** '' where there is none. */
  readonly error: string;
  readonly container?: { readonly id: string; readonly pid: number; readonly exitCode: number };
  /** Ports in mode `host`, as they are bound. */
  readonly ports?: readonly PortConfig[];
}

/** A task's place in a network, chosen by the leader. */
export interface TaskAttachment {
  readonly networkId: string;
  /**
   * With prefix length, at most one per family; empty on `host` and `bridge`. Of a task in state `new`: those that a standalone
   * container asks for, without prefix length.
   */
  readonly addresses: readonly string[];
  /** '' where the network gives none. */
  readonly mac: string;
  readonly aliases: readonly string[];
  readonly driverOpts?: Readonly<Record<string, string>>;
}

export interface SwarmTask extends Meta {
  /** '' for a standalone container on an attachable network. */
  readonly serviceId: string;
  readonly service: Annotations;
  /** 1 and up; 0 for a global service, whose tasks are known by their node. */
  readonly slot: number;
  /** '' while it is not assigned. */
  readonly nodeId: string;
  readonly spec: TaskSpec;
  /** `specVersion` of its service. */
  readonly specVersion: number;
  /** `generation` of its service when it was made. */
  readonly generation?: number;
  readonly attachments: readonly TaskAttachment[];
  readonly ports: readonly PortConfig[];
  readonly desiredState: TaskState;
  readonly status: TaskStatus;
  /** Of a job. */
  readonly jobIteration?: number;
  /** RFC 3339, when its manager heard that it runs. */
  readonly runningSince?: string;
  /**
   * RFC 3339. It gets no new connections, and is told to end once nodes have acknowledged a revision that has this record, or some
   * time has passed.
   */
  readonly drainingSince?: string;
  /** Not before this time (RFC 3339): the delay of a restart. */
  readonly startAfter?: string;
}

export interface SwarmNetwork extends Meta {
  /** Of scope `swarm`, with all choices made. */
  readonly network: Network;
}

export interface SwarmSecret extends Meta {
  readonly spec: SecretSpec;
}

export interface SwarmConfig extends Meta {
  readonly spec: ConfigSpec;
}

/** Table name to record. */
export interface SwarmTables {
  readonly cluster: SwarmCluster;
  readonly keys: SwarmKeys;
  readonly nodes: SwarmNode;
  readonly services: SwarmService;
  readonly tasks: SwarmTask;
  readonly networks: SwarmNetwork;
  readonly secrets: SwarmSecret;
  readonly configs: SwarmConfig;
}
export type SwarmTable = keyof SwarmTables;
export const swarmTables: readonly SwarmTable[] = [
  ...(['cluster', 'keys', 'nodes', 'services', 'tasks', 'networks', 'secrets', 'configs'] as const),
];

export type SwarmChange = {
  readonly [T in SwarmTable]:
    | { readonly table: T; readonly put: SwarmTables[T] }
    | { readonly table: T; readonly remove: string };
}[SwarmTable];

/** The records, read-only. Look-ups by id and by the indexes named here cost no walk over all. */
export interface SwarmView {
  /** Every change up to it is in. */
  readonly revision: number;
  get<T extends SwarmTable>(table: T, id: string): SwarmTables[T] | undefined;
  all<T extends SwarmTable>(table: T): Iterable<SwarmTables[T]>;
  /** `spec.Name`, or the network's name. */
  byName<T extends 'services' | 'networks' | 'secrets' | 'configs'>(
    table: T,
    name: string,
  ): SwarmTables[T] | undefined;
  tasksOfService(serviceId: string): Iterable<SwarmTask>;
  tasksOfNode(nodeId: string): Iterable<SwarmTask>;
  tasksOfNetwork(networkId: string): Iterable<SwarmTask>;
}

/** A pure function of the records. It is run again where another manager was first; what it throws is thrown. */
export type SwarmTransition<R> = (view: SwarmView) => {
  readonly changes: readonly SwarmChange[];
  readonly result: R;
};
