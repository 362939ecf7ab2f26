/** The parts of the engine. */
import type { Scopes } from '../affected/affected.ts';
import type { DaemonConfig } from '../config/config.ts';
import type { Images } from '../images/images.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Generators } from '../model/generators.ts';
import type { Model } from '../model/memory.ts';
import type { Facts } from '../objects/object.ts';
import type { Events } from '../observe/events.ts';
import type { Logger } from '../observe/logger.ts';
import type { Overlooked } from '../observe/overlooked.ts';
import type { Tracer } from '../observe/trace.ts';
import type { Plugins } from '../plugins/plugins.ts';
import type { HostRoutes } from '../reconcile/host-routes.ts';
import type { Reconciler } from '../reconcile/reconciler.ts';
import type { Retries } from '../reconcile/retries.ts';
import type { ResolverClient } from '../resolver/client.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { CopyKeeper } from '../store/copy-keeper.ts';
import type { Volumes } from '../volumes/volumes.ts';
import type { Attachments } from './containers/attachments.ts';
import type { Exits } from './containers/exits.ts';
import type { HealthWatch } from './containers/health-watch.ts';
import type { RestartPlans } from './containers/restart-plans.ts';
import type { Execs } from './execs.ts';
import type { Firewalld } from './firewalld.ts';
import type { HostPorts } from './host-ports.ts';
import type { Instruments } from './instruments.ts';
import type { Outbox } from './outbox.ts';
import type { ManagedPlugins } from './plugins/managed.ts';
import type { Preparations } from './preparations.ts';
import type { KeyedQueue } from './queue.ts';
import type { Records } from './records.ts';
import type { Relays } from './relays.ts';
import type { Sharing } from './sharing.ts';
import type { Swarm } from './swarm/swarm.ts';

/** Folders of the engine below its data root and exec root. */
export interface Folders {
  /** One folder per container: hosts, hostname, resolv.conf, logs. */
  readonly containers: string;
  /** Bind-mounted network namespaces. */
  readonly namespaces: string;
}

/** The parts of an engine. */
export interface Core {
  /** Random, per data root; the seed of values that differ between engines. */
  readonly identity: string;
  readonly folders: Folders;
  /** The kernel's current facts. */
  facts(): Facts;
  readonly config: DaemonConfig;
  readonly model: Model;
  /** Changes records in memory and on disk. */
  readonly records: Records;
  /** What keeps the records that the hosts of a cluster share. */
  readonly sharing: Sharing;
  /** This node in a swarm. */
  readonly swarm: Swarm;
  readonly kernel: Kernel;
  readonly reconciler: Reconciler;
  /** Retries of failed scopes, steps of the start-up and starts at boot. */
  readonly retries: Retries;
  readonly hostRoutes: HostRoutes;
  readonly resolver: ResolverClient;
  readonly runtime: Runtime;
  readonly images: Images;
  /** Volumes of the engine's own driver. */
  readonly volumes: Volumes;
  /** One change of a volume at a time, by its name. */
  readonly volumeTurns: KeyedQueue;
  /** External programs that drive networks, addresses and volumes. */
  readonly plugins: Plugins;
  readonly events: Events;
  readonly logger: Logger;
  /** What the engine does, request by request. */
  readonly tracer: Tracer;
  readonly generate: Generators;
  /** One transition of a container at a time, by its id. */
  readonly queue: KeyedQueue;
  readonly hostPorts: HostPorts;
  /** Ports that are passed on by another process. */
  readonly relays: Relays;
  /** The host's firewalld, whose rules apply to packets, too. */
  readonly firewalld: Firewalld;
  /** Makes hosts, hostname and resolv.conf of containers agree with the records. */
  readonly networkFiles: { follow(files: Scopes['files']): Promise<void> };
  readonly exits: Exits;
  /** Clients attached to containers, or waiting for their start. */
  readonly attachments: Attachments;
  readonly health: HealthWatch;
  /** Planned restarts. */
  readonly restarts: RestartPlans;
  readonly execs: Execs;
  /** What is counted for the metrics. */
  readonly instruments: Instruments;
  /** Requests to plugins that are due. */
  readonly outbox: Outbox;
  readonly preparations: Preparations;
  /** Unhandled errors of this process. */
  readonly overlooked: Overlooked;
  /** The copy of the store. */
  readonly copies: CopyKeeper;
  /** Ids of containers without a record that are not touched (`left-alone.ts`). */
  readonly leftAlone: Set<string>;
  /** Plugins that the engine runs itself. */
  readonly managed: ManagedPlugins;
}
