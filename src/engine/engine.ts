/** Opens the parts of the engine, recovers, and provides the verbs. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fail } from '../errors.ts';
import { ensureFolder, modes } from '../kernel/files/ensure-folder.ts';
import { lockFolder } from '../kernel/lock-folder.ts';
import type { Origin } from '../store/prepare.ts';
import { captureVerbs } from './capture.ts';
import { follow } from './change.ts';
import { clusterVerbs, enterCluster } from './cluster.ts';
import { startWanted } from './containers/boot.ts';
import { handleExit, handleMemoryRanOut } from './containers/exit.ts';
import { containerVerbs } from './containers/verbs.ts';
import type { Core } from './core.ts';
import { namespaceVerbs, watchExternal } from './external.ts';
import { heal } from './healing.ts';
import { HostMonitor } from './host-monitor.ts';
import { imageVerbs } from './images.ts';
import { rotateKeys } from './key-rotation.ts';
import { mapVerbs } from './map/map.ts';
import { openMetrics } from './metrics.ts';
import { networkVerbs } from './networks.ts';
import { driversOf, type EngineOptions, openCore } from './open-core.ts';
import { OwnNode } from './own-node.ts';
import { watchPlugins } from './plugin-watch.ts';
import { pluginVerbs } from './plugins/verbs.ts';
import { policyVerbs } from './policies.ts';
import { PortLinks } from './port-links.ts';
import { portVerbs } from './ports.ts';
import { recover } from './recover.ts';
import { openState } from './state.ts';
import { tellSwarmEvents } from './swarm/events.ts';
import { serveSwarm } from './swarm/following.ts';
import { swarmVerbs } from './swarm/verbs.ts';
import { systemVerbs } from './system.ts';
import type { Engine } from './verbs.ts';
import { volumeVerbs } from './volumes.ts';

export interface RunningEngine extends Engine {
  inCluster(): boolean;
  /** As the settings say by now; nothing where the engine is in one already, or is to be in none. Throws CONFIG_INVALID. */
  enterCluster(): Promise<void>;
  /**
   * Starts containers by their restart policies; call it once the API listens. Resolves when each was tried, or after
   * `patience` milliseconds, while the others are still being started.
   */
  startWanted(patience: number): Promise<void>;
  /**
   * Closes the engine; containers continue, and so does the resolver while it serves any. Transitions in progress are
   * awaited for at most `patience` milliseconds.
   */
  close(patience?: number): Promise<void>;
}

/** Milliseconds that the start waits for the cluster's store; after that the engine goes on with what it knows. */
const clusterPatience = 5_000;

/** Opens everything and recovers. If it fails, nothing is left open, so that it can be tried again. */
export async function openEngine(options: EngineOptions): Promise<RunningEngine> {
  const opened = new AsyncDisposableStack();
  try {
    return await open(options, opened);
  } catch (thrown) {
    await opened.disposeAsync().catch((error) => options.logger.error('closing what was opened', { error }));
    throw thrown;
  }
}

/** The folders; one engine per data root. */
function lockRoots({ config }: EngineOptions, opened: AsyncDisposableStack): void {
  ensureFolder(config.dataRoot, modes.closed);
  ensureFolder(config.execRoot, modes.through);
  const unlock = lockFolder(config.dataRoot);
  if (!unlock) throw fail('DATA_ROOT_TAKEN', config.dataRoot);
  opened.defer(unlock);
}

async function open(options: EngineOptions, opened: AsyncDisposableStack): Promise<RunningEngine> {
  lockRoots(options, opened);
  const { store, origin } = await openState({ ...options, drivers: driversOf(options) });
  opened.defer(() => store.close());
  const core = await openCore(options, { store, opened });
  listen(core);
  opened.defer(() => endPlans(core));
  await recoverWithOthers(core, { origin, opened });
  await core.firewalld.begin();
  await followHost(core, opened);
  await resumeSwarm(core, opened);
  opened.defer(await followLinks(core));
  const external = watchExternal(core);
  opened.defer(() => external.close());
  const metrics = openMetrics(core);
  opened.defer(() => metrics.close());
  const watching = opened.use(new DisposableStack());
  opened.defer(serveSwarm(core, containerVerbs(core)));
  return {
    networks: networkVerbs(core),
    ...{ cluster: clusterVerbs(core), swarm: swarmVerbs(core) },
    ...{ inCluster: () => core.sharing.cluster !== undefined, enterCluster: () => enterLate(core, opened) },
    namespaces: namespaceVerbs(core, external),
    containers: containerVerbs(core),
    ports: portVerbs(core),
    execs: core.execs,
    ...{ images: imageVerbs(core), volumes: volumeVerbs(core) },
    ...{ plugins: pluginVerbs(core), policies: policyVerbs(core) },
    system: systemVerbs(core),
    ...{ capture: captureVerbs(core), map: mapVerbs(core) },
    ...{ events: core.events, tracer: core.tracer, metrics },
    startWanted: async (patience) => {
      watching.defer(watchPlugins(core));
      await startWanted(core, patience);
    },
    close: async (patience = 0) => {
      endPlans(core);
      await Promise.all([core.queue.idle(patience), core.managed.queue.idle(patience)]);
      await opened.disposeAsync();
    },
  };
}

/** Ports on links of the host, whose addresses may have changed while the engine was away. */
async function followLinks(core: Core): Promise<() => void> {
  const links = new PortLinks(core);
  const forget = core.kernel.watch((event) => links.hear(event));
  await links.look();
  return () => {
    forget();
    links.close();
  };
}

/** From now on: what other programs change on the host. */
async function followHost(core: Core, opened: AsyncDisposableStack): Promise<void> {
  const ownNode = new OwnNode(core);
  opened.defer(() => ownNode.close());
  const hostMonitor = new HostMonitor(core, () => ownNode.look());
  await core.retries.attempt({ key: 'step:host routes', name: "the host's routes" }, () =>
    hostMonitor.begin(),
  );
  opened.defer(heal(core, { hostMonitor }));
}

/** What was, and what the other hosts of the cluster have made of it meanwhile, before anything is asked of the engine. */
async function recoverWithOthers(
  core: Core,
  { origin, opened }: { readonly origin: Origin; readonly opened: AsyncDisposableStack },
): Promise<void> {
  const cluster = await enter(core, opened);
  await recover(core, origin);
  await cluster?.begin(clusterPatience);
}

async function enter(core: Core, opened: AsyncDisposableStack): ReturnType<typeof enterCluster> {
  const cluster = await enterCluster(core);
  opened.defer(() => cluster?.close());
  if (cluster) opened.defer(rotateKeys(core, cluster));
  return cluster;
}

/** Modules of swarm mode are loaded by nodes that are in a swarm. */
async function resumeSwarm(core: Core, opened: AsyncDisposableStack): Promise<void> {
  opened.defer(() => core.swarm.close());
  opened.defer(tellSwarmEvents(core));
  if (!existsSync(join(core.config.dataRoot, 'swarm'))) return;
  const { resume } = await import('./swarm/membership.ts');
  await core.retries.attempt({ key: 'step:swarm', name: 'the swarm' }, () => resume(core));
}

/** The settings have named its store since the start. */
async function enterLate(core: Core, opened: AsyncDisposableStack): Promise<void> {
  if (core.sharing.cluster) return;
  const cluster = await enter(core, opened);
  await cluster?.begin(clusterPatience);
}

/** Drops all plans. */
function endPlans(core: Core): void {
  core.restarts.close();
  core.health.close();
  core.managed.close();
  core.retries.close();
}

/** Listens for exits and for changes by other writers of the store. */
function listen(core: Core): void {
  core.runtime.onExit((event) => {
    const subject = { kind: 'background', name: 'container exit', fields: { container: event.id } } as const;
    void core.tracer
      .run(subject, () => handleExit(core, event))
      .catch((error) => core.logger.error('handling an exit', { container: event.id, error }));
  });
  core.runtime.onMemoryRanOut((id) => {
    void handleMemoryRanOut(core, id).catch((error) =>
      core.logger.error('a container ran out of memory', { container: id, error }),
    );
  });
  core.records.onArrival((scopes) => {
    follow(core, scopes).catch((error) =>
      core.logger.error('what others have written is not followed', { error }),
    );
  });
}
