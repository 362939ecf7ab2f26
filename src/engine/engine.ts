/** The engine, put together: the parts are opened, the past is recovered, the verbs are handed out. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Scopes } from '../affected/affected.ts';
import type { DaemonConfig } from '../config/config.ts';
import { driverTable } from '../drivers/table.ts';
import { fail } from '../errors.ts';
import { writeWholeSync } from '../files/write-whole.ts';
import { openImages } from '../images/open.ts';
import { ensureFolder, modes } from '../kernel/files/ensure-folder.ts';
import { lockFolder } from '../kernel/lock-folder.ts';
import { openKernel } from '../kernel/open.ts';
import type { Driver } from '../model/driver.ts';
import { owedBy } from '../model/owed-calls.ts';
import type { Decision, Transition } from '../model/transition.ts';
import { nowNanoseconds } from '../observe/clock.ts';
import { createEvents } from '../observe/events.ts';
import type { Logger } from '../observe/logger.ts';
import type { Overlooked } from '../observe/overlooked.ts';
import { networkAsking } from '../plugins/network-driver.ts';
import { askAgain } from '../plugins/outbox-call.ts';
import { openPlugins } from '../plugins/plugins.ts';
import { readFacts } from '../reconcile/facts.ts';
import { WatchedOutlook } from '../reconcile/outlook.ts';
import { createReconciler } from '../reconcile/reconciler.ts';
import { Retries } from '../reconcile/retries.ts';
import { connectResolver } from '../resolver/client.ts';
import { openRuntime } from '../runtime/open.ts';
import type { Store } from '../store/store.ts';
import { openVolumes } from '../volumes/volumes.ts';
import { follow } from './change.ts';
import { Attachments } from './containers/attachments.ts';
import { startWanted } from './containers/boot.ts';
import { handleExit } from './containers/exit.ts';
import { createExits } from './containers/exits.ts';
import { probe } from './containers/health-probe.ts';
import { HealthWatch } from './containers/health-watch.ts';
import { followFiles } from './containers/network-files.ts';
import { RestartPlans } from './containers/restart-plans.ts';
import { containerVerbs } from './containers/verbs.ts';
import type { Core } from './core.ts';
import { dice } from './dice.ts';
import { Execs } from './execs.ts';
import { namespaceVerbs, watchForeign } from './foreign.ts';
import { heal } from './healing.ts';
import { createHostPorts } from './host-ports.ts';
import { imageVerbs } from './images.ts';
import { networkVerbs } from './networks.ts';
import { Outbox } from './outbox.ts';
import { watchPlugins } from './plugin-watch.ts';
import { ManagedPlugins } from './plugins/managed.ts';
import { pluginVerbs } from './plugins/verbs.ts';
import { KeyedQueue } from './queue.ts';
import { createRecords } from './records.ts';
import { recover } from './recover.ts';
import { keepCopies, loadModel, openState } from './state.ts';
import { Surroundings } from './surroundings.ts';
import { systemVerbs } from './system.ts';
import type { Engine } from './verbs.ts';
import { volumeVerbs } from './volumes.ts';

export interface EngineOptions {
  readonly config: DaemonConfig;
  readonly logger: Logger;
  /** Network drivers beside the engine's own. */
  readonly drivers?: readonly Driver[];
  readonly overlooked: Overlooked;
  /** Command line of the program that reads all of a store, whose folder is added to it: see `src/store/check.ts`. */
  readonly checker: readonly string[];
  /** Command line that starts the resolver process. */
  readonly resolver: readonly string[];
  /** The store can be written no more; what is done then is to end, and to be started again. */
  readonly panicked: (error: unknown) => void;
  /** Packets are filtered without the raw table. */
  readonly noRawTable?: boolean;
}

export interface RunningEngine extends Engine {
  /**
   * Start what restart policies want; call it once the API listens. Resolves when each has been tried, or after so
   * many milliseconds: the rest go on being started.
   */
  startWanted(patience: number): Promise<void>;
  /**
   * Leave: containers and, while it serves any, the resolver go on. What is done about a container at that moment is
   * waited for, so many milliseconds at most.
   */
  close(patience?: number): Promise<void>;
}

/** Open everything and recover. Nothing is left open if it fails, so that it can be tried again. */
export async function openEngine(options: EngineOptions): Promise<RunningEngine> {
  const opened = new AsyncDisposableStack();
  try {
    return await open(options, opened);
  } catch (thrown) {
    await opened.disposeAsync().catch((error) => options.logger.error('closing what was opened', { error }));
    throw thrown;
  }
}

async function open(options: EngineOptions, opened: AsyncDisposableStack): Promise<RunningEngine> {
  const { config } = options;
  ensureFolder(config.dataRoot, modes.closed);
  ensureFolder(config.execRoot, modes.through);
  const unlock = lockFolder(config.dataRoot);
  if (!unlock) throw fail('DATA_ROOT_TAKEN', config.dataRoot);
  opened.defer(unlock);
  const { store, origin } = await openState(options);
  opened.defer(() => store.close());
  const core = await openCore(options, { store, opened });
  core.runtime.onExit((event) => {
    void handleExit(core, event).catch((error) =>
      core.logger.error('handling an exit', { container: event.id, error }),
    );
  });
  core.records.onArrival((scopes) => {
    follow(core, scopes).catch((error) =>
      core.logger.error('what others have written is not followed', { error }),
    );
  });
  opened.defer(() => endPlans(core));
  await recover(core, origin);
  const surroundings = new Surroundings(core);
  await core.retries.attempt({ key: 'step:host routes', name: "the host's routes" }, () =>
    surroundings.begin(),
  );
  opened.defer(heal(core, surroundings));
  const foreign = watchForeign(core);
  opened.defer(() => foreign.close());
  const watching = opened.use(new DisposableStack());
  return {
    networks: networkVerbs(core),
    namespaces: namespaceVerbs(core, foreign),
    containers: containerVerbs(core),
    execs: core.execs,
    images: imageVerbs(core),
    volumes: volumeVerbs(core),
    plugins: pluginVerbs(core),
    system: systemVerbs(core),
    events: core.events,
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

/** Nothing begins by itself any more. */
function endPlans(core: Core): void {
  core.restarts.close();
  core.health.close();
  core.managed.close();
  core.retries.close();
}

async function openCore(
  { config, logger, resolver, overlooked, drivers, noRawTable = false, panicked }: EngineOptions,
  { store, opened }: { readonly store: Store; readonly opened: AsyncDisposableStack },
): Promise<Core> {
  const plugins = opened.adopt(
    openPlugins({
      ...{ folders: config.pluginFolders, timeout: config.pluginTimeout * 1000, logger },
    }),
    (each) => each.close(),
  );
  const asking = (name: string) => networkAsking(plugins, name);
  const model = loadModel(store, driverTable({ ...(drivers && { more: drivers }), asking }));
  const retries = new Retries(logger);
  const copies = keepCopies(config, model, logger);
  opened.defer(() => copies.close());
  const records = createRecords(model, store, {
    ...{ hostNames: config.hostNames, retries },
    ...{ written: () => copies.touched(), panicked },
    owedBy: (view, changes) => owedBy(view, changes, dice),
  });
  opened.defer(() =>
    records.settle().catch((error) => logger.error('the store lacks the last changes', { error })),
  );
  const kernel = opened.adopt(openKernel(), (each) => each.close());
  const folders = {
    containers: join(config.dataRoot, 'containers'),
    namespaces: join(config.execRoot, 'netns'),
  };
  ensureFolder(folders.containers, modes.closed);
  ensureFolder(folders.namespaces, modes.through);
  const outlook = new WatchedOutlook(kernel, model);
  const facts = () => readFacts(kernel, outlook);
  const imageRecords = {
    view: model,
    transact: async <D extends Decision>(transition: Transition<D>) =>
      (await records.transact(transition)).decided,
    keep: async <D extends Decision>(transition: Transition<D>) => (await records.keep(transition)).decided,
  };
  const parts = {
    identity: identityOf(join(config.dataRoot, 'engine-id')),
    folders,
    facts,
    config,
    model,
    records,
    kernel,
    logger,
    dice,
    outlook,
    retries,
    reconciler: opened.adopt(
      createReconciler({
        ...{ kernel, view: model, facts, outlook, logger, retries, config, noRawTable },
        namespacesFolder: folders.namespaces,
        ownedRulesFile: join(config.execRoot, 'owned-rules.json'),
      }),
      (each) => each.close(),
    ),
    resolver: opened.adopt(
      connectResolver({
        ...{ run: config.execRoot, state: join(config.dataRoot, 'state'), launcher: resolver },
        ...{ logger, kernel, records: store.names() },
      }),
      (each) => (isServed(model) ? undefined : each.stop()),
    ),
    runtime: opened.adopt(
      await openRuntime({
        ...{ root: config.execRoot, dataRoot: config.dataRoot },
        ...{ cgroupParent: config.cgroupParent, logger },
      }),
      (each) => each.close(),
    ),
    images: openImages({
      root: config.dataRoot,
      records: imageRecords,
      kernel,
      logger,
      now: dice.now,
      insecureRegistries: () => config.insecureRegistries,
    }),
    volumes: openVolumes({
      ...{ root: config.dataRoot, records: imageRecords, kernel, now: dice.now },
      queue: new KeyedQueue(),
    }),
    plugins,
    outbox: new Outbox({ view: model, records, retries, logger, ask: (call) => askAgain(plugins, call) }),
    events: createEvents(nowNanoseconds),
    queue: new KeyedQueue(),
    hostPorts: opened.adopt(createHostPorts(kernel), (each) => each.close()),
    networkFiles: {
      follow: (files: Scopes['files']) => followFiles({ config, folders, model, logger }, files),
    },
    exits: createExits(),
    leftAlone: new Set<string>(),
    copies,
    overlooked,
  };
  return { ...parts, ...services(parts) };
}

type Service = 'attachments' | 'health' | 'restarts' | 'execs' | 'managed';

/** What is remembered of containers and plugins while the engine runs. */
const services = (parts: Omit<Core, Service>): Pick<Core, Service> => ({
  attachments: new Attachments(parts),
  health: new HealthWatch({ ...parts, probe: (container, check) => probe(parts, container, check) }),
  restarts: new RestartPlans(parts),
  execs: new Execs(parts),
  managed: new ManagedPlugins(parts),
});

/** A resolver that serves somebody outlives the engine. */
const isServed = (model: Core['model']): boolean =>
  Array.from(model.all('sandboxes')).some(({ resolver }) => resolver);

/** Drawn at the first start of a data root, kept in it. */
function identityOf(path: string): string {
  if (existsSync(path)) return readFileSync(path, 'utf8').trim();
  mkdirSync(dirname(path), { recursive: true });
  const id = dice.id();
  writeWholeSync(path, `${id}\n`);
  return id;
}
