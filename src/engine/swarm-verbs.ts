/** The contract's part for swarm mode. Errors are in Docker's words. */

import type { Network } from '../model/network.ts';
import type { LogOptions } from '../runtime/runtime.ts';
import type { SwarmStanding } from '../swarm/access.ts';
import type {
  SwarmCluster,
  SwarmConfig,
  SwarmNetwork,
  SwarmNode,
  SwarmSecret,
  SwarmService,
  SwarmTask,
} from '../swarm/records.ts';
import type {
  Annotations,
  Availability,
  ClusterSpec,
  ConfigSpec,
  NodeSpec,
  SecretSpec,
  ServiceSpec,
} from '../swarm/spec.ts';

export interface InitRequest {
  readonly listenAddress: string;
  readonly advertiseAddress: string;
  readonly dataPathAddress: string;
  /** 0: 4789. */
  readonly dataPathPort: number;
  readonly addressPools: readonly string[];
  readonly subnetSize: number;
  readonly forceNewCluster: boolean;
  readonly autoLock: boolean;
  readonly availability: Availability;
  readonly spec: ClusterSpec;
}

export interface JoinRequest {
  readonly listenAddress: string;
  readonly advertiseAddress: string;
  readonly dataPathAddress: string;
  readonly remoteAddresses: readonly string[];
  readonly token: string;
  readonly availability: Availability;
}

export interface SwarmDetail {
  readonly cluster: SwarmCluster;
  readonly tokens: { readonly worker: string; readonly manager: string };
  /** `issuerSubject`, `issuerPublicKey`: base64 of DER. */
  readonly tls: {
    readonly trustRoot: string;
    readonly issuerSubject: string;
    readonly issuerPublicKey: string;
  };
}

export interface Rotate {
  readonly workerToken: boolean;
  readonly managerToken: boolean;
  readonly unlockKey: boolean;
}

/** As a manager sees it. */
export interface SwarmState {
  readonly revision: number;
  readonly nodes: readonly {
    readonly node: SwarmNode;
    /** undefined where another manager knows; `behind` in milliseconds. */
    readonly progress: { readonly revision: number; readonly behind?: number } | undefined;
  }[];
  readonly networks: readonly {
    readonly network: Network;
    readonly use: readonly { readonly subnet: string; readonly used: bigint; readonly free: bigint }[];
  }[];
}

/** The swarm as a whole, and this node in it. */
export interface SwarmVerbs {
  /** Never throws, and asks nobody. */
  standing(): SwarmStanding;
  /** Throws, in Docker's words, where this node manages no swarm: said before anything of a request's body is. */
  checkManager(): void;
  /** Counts for `docker info`; undefined on a worker. */
  counts(): { readonly nodes: number; readonly managers: number; readonly cluster: SwarmCluster } | undefined;
  /** Resolves with the node's id. */
  init(request: InitRequest): Promise<string>;
  /** Rejects after 20 s with SWARM_JOIN_TIMEOUT, and goes on. */
  join(request: JoinRequest): Promise<void>;
  leave(options: { readonly force: boolean }): Promise<void>;
  inspect(): SwarmDetail;
  update(spec: ClusterSpec, options: { readonly version: number; readonly rotate: Rotate }): Promise<void>;
  /** Throws, in Docker's words, where this node manages no swarm. */
  state(): Promise<SwarmState>;
  unlockKey(): string;
  unlock(key: string): Promise<void>;

  readonly nodes: SwarmNodeVerbs;
  readonly services: SwarmServiceVerbs;
  readonly tasks: SwarmTaskVerbs;
  readonly secrets: SwarmFileVerbs<SwarmSecret, SecretSpec>;
  readonly configs: SwarmFileVerbs<SwarmConfig, ConfigSpec>;
}

export interface SwarmNodeVerbs {
  list(): readonly SwarmNode[];
  get(ref: string): SwarmNode;
  update(ref: string, options: { readonly version: number; readonly spec: NodeSpec }): Promise<void>;
  remove(ref: string, options: { readonly force: boolean }): Promise<void>;
}

export interface ServiceCounts {
  readonly running: number;
  readonly desired: number;
  readonly completed: number;
}

export interface SwarmServiceVerbs {
  list(): readonly SwarmService[];
  counts(id: string): ServiceCounts;
  get(ref: string): SwarmService;
  create(spec: ServiceSpec): Promise<{ readonly id: string; readonly warnings: readonly string[] }>;
  update(
    ref: string,
    options: {
      readonly version: number;
      readonly spec: ServiceSpec;
      /** Whose credentials it has where `spec` has none. */
      readonly authFrom: 'spec' | 'previous-spec';
      readonly rollback: boolean;
    },
  ): Promise<{ readonly warnings: readonly string[] }>;
  remove(ref: string): Promise<void>;
  logs(ref: string, options: SwarmLogOptions): AsyncIterable<Buffer>;
}

export interface SwarmTaskVerbs {
  list(): readonly SwarmTask[];
  get(ref: string): SwarmTask;
  /** Whether it is as its service says by now. */
  isUpToDate(task: SwarmTask): boolean;
  /** A network that tasks are attached to. */
  network(id: string): SwarmNetwork | undefined;
  logs(ref: string, options: SwarmLogOptions): AsyncIterable<Buffer>;
}

/** As those of `docker logs`. */
export type SwarmLogOptions = Omit<LogOptions, 'until'>;

export interface SwarmFileVerbs<T, S extends Annotations> {
  list(): readonly T[];
  get(ref: string): T;
  create(spec: S): Promise<string>;
  update(ref: string, options: { readonly version: number; readonly spec: S }): Promise<void>;
  remove(ref: string): Promise<void>;
}
