/** Opens the parts of an engine. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Scopes } from '../affected/affected.ts';
import type { DaemonConfig } from '../config/config.ts';
import { driverTable } from '../drivers/table.ts';
import { writeWholeSync } from '../files/write-whole.ts';
import { openImages } from '../images/open.ts';
import { copyDescriptor } from '../kernel/descriptors.ts';
import { ensureFolder, modes } from '../kernel/files/ensure-folder.ts';
import { openKernel } from '../kernel/open.ts';
import type { Asking, Driver, DriverTable } from '../model/driver.ts';
import { owedBy } from '../model/owed-calls.ts';
import type { PortMapping } from '../model/sandbox.ts';
import type { Decision, Transition } from '../model/transition.ts';
import { nowNanoseconds } from '../observe/clock.ts';
import { createEvents } from '../observe/events.ts';
import type { Logger } from '../observe/logger.ts';
import type { Overlooked } from '../observe/overlooked.ts';
import { Tracer } from '../observe/trace.ts';
import { networkAsking } from '../plugins/network-driver.ts';
import { askAgain } from '../plugins/outbox-call.ts';
import { openPlugins } from '../plugins/plugins.ts';
import { readFacts } from '../reconcile/facts.ts';
import { WatchedHostRoutes } from '../reconcile/host-routes.ts';
import { createReconciler } from '../reconcile/reconciler.ts';
import { Retries } from '../reconcile/retries.ts';
import { connectResolver } from '../resolver/client.ts';
import { openRuntime } from '../runtime/open.ts';
import { Reserve } from '../store/reserve.ts';
import type { Store } from '../store/store.ts';
import { openVolumes } from '../volumes/volumes.ts';
import { allowAnswered } from './answered-names.ts';
import { Attachments } from './containers/attachments.ts';
import { createExits } from './containers/exits.ts';
import { probe } from './containers/health-probe.ts';
import { HealthWatch } from './containers/health-watch.ts';
import { followFiles } from './containers/network-files.ts';
import { RestartPlans } from './containers/restart-plans.ts';
import type { Core } from './core.ts';
import { Execs } from './execs.ts';
import { Firewalld } from './firewalld.ts';
import { generate } from './generators.ts';
import { createHostPorts } from './host-ports.ts';
import { Instruments } from './instruments.ts';
import { forgetIn, Outbox } from './outbox.ts';
import { ManagedPlugins } from './plugins/managed.ts';
import { Preparations } from './preparations.ts';
import { KeyedQueue } from './queue.ts';
import { createRecords } from './records.ts';
import { Relays } from './relays.ts';
import { areRelayed } from './sandbox-context.ts';
import { Sharing } from './sharing.ts';
import { keepCopies, loadModel } from './state.ts';
import { Swarm } from './swarm/swarm.ts';
import { tunnelKey, tunnelKeyFile } from './tunnel-key.ts';

export interface EngineOptions {
  readonly config: DaemonConfig;
  readonly logger: Logger;
  /** Network drivers in addition to the engine's own. */
  readonly drivers?: readonly Driver[];
  readonly overlooked: Overlooked;
  /** Command line of the program that reads a whole store, whose folder is appended (`src/store/check.ts`). */
  readonly checker: readonly string[];
  /** Command line that starts the resolver process. */
  readonly resolver: readonly string[];
  /** Called when the store can no longer be written; ends the process, to be started again. */
  readonly panicked: (error: unknown) => void;
  /** Filter packets without the raw table. */
  readonly noRawTable?: boolean;
}

interface Opening {
  readonly store: Store;
  /** Closes the parts, in reverse order. */
  readonly opened: AsyncDisposableStack;
}

/** Opens the parts of an engine on its store. */
export async function openCore(options: EngineOptions, opening: Opening): Promise<Core> {
  const { config, logger, overlooked } = options;
  const { opened } = opening;
  const observed = openObserved();
  const recorded = openRecorded(options, opening);
  const { model, records, plugins, retries } = recorded;
  const hosted = openHosted(options, { ...opening, ...recorded, ...observed });
  const { kernel, folders } = hosted;
  const parts = {
    ...{ config, logger, overlooked, generate, ...observed, ...recorded, ...hosted },
    identity: identityOf(join(config.dataRoot, 'engine-id')),
    ...openResolver(options, { ...opening, ...recorded, ...hosted }),
    runtime: opened.adopt(
      await openRuntime({
        ...{ root: config.execRoot, dataRoot: config.dataRoot },
        ...{ cgroupParent: config.cgroupParent, logger },
      }),
      (each) => each.close(),
    ),
    ...openImagesAndVolumes(options, { model, kernel, records }),
    outbox: new Outbox({
      ...{ view: model, forget: forgetIn(records), retries, logger },
      ask: (call) => askAgain(plugins, call),
    }),
    preparations: new Preparations(),
    swarm: new Swarm(),
    queue: new KeyedQueue(),
    firewalld: opened.adopt(new Firewalld({ config, model, retries, logger }), (each) => each.close()),
    networkFiles: {
      follow: (files: Scopes['files']) => followFiles({ config, folders, model, logger }, files),
    },
    exits: createExits(),
    leftAlone: new Set<string>(),
  };
  return { ...parts, ...services(parts) };
}

/** The resolver, and the ports of the host, some of which its process passes on. */
function openResolver(
  { config, logger, resolver: launcher }: EngineOptions,
  {
    store,
    opened,
    model,
    retries,
    kernel,
    reconciler,
  }: Opening & Pick<Core, 'model' | 'retries' | 'kernel' | 'reconciler'>,
): Pick<Core, 'resolver' | 'hostPorts' | 'relays'> {
  const relays = new Relays({
    ...{ model, retries },
    isOn: () => areRelayed({ config, kernel }),
    resolver: () => resolver,
    hostPorts: () => hostPorts,
    copyDescriptor,
  });
  const resolver: Core['resolver'] = opened.adopt(
    connectResolver({
      ...{ run: config.execRoot, state: join(config.dataRoot, 'state'), launcher },
      ...{ logger, kernel, records: store.names() },
      connected: (served) => relays.learn(served),
      answered: (answered) => allowAnswered({ model, logger, reconciler }, answered),
    }),
    (each) => (relays.isUsed || isServed(model) ? undefined : each.stop()),
  );
  const relaying = config.userlandProxy ? { serves: (port: PortMapping) => relays.serves(port) } : undefined;
  const hostPorts = opened.adopt(createHostPorts(kernel, relaying), (each) => each.close());
  return { resolver, hostPorts, relays };
}

/** Without `asking`, for uses that need no plugin. */
export const driversOf = (
  { drivers }: Pick<EngineOptions, 'drivers'>,
  asking?: (name: string) => Asking,
): DriverTable => driverTable({ ...(drivers && { more: drivers }), ...(asking && { asking }) });

function openObserved(): Pick<Core, 'events' | 'instruments' | 'tracer'> {
  const events = createEvents(nowNanoseconds);
  const tracer = new Tracer();
  return { events, tracer, instruments: new Instruments({ events, tracer }) };
}

/** The model, its records and the plugins. */
function openRecorded(options: EngineOptions, { store, opened }: Opening) {
  const { config, logger, panicked } = options;
  const plugins = opened.adopt(
    openPlugins({
      ...{ folders: config.pluginFolders, timeout: config.pluginTimeout * 1000, logger },
    }),
    (each) => each.close(),
  );
  const asking = (name: string) => networkAsking(plugins, name);
  const model = loadModel(store, driversOf(options, asking));
  const retries = new Retries(logger);
  const copies = keepCopies(config, model, logger);
  opened.defer(() => copies.close());
  const reserve = new Reserve(join(config.dataRoot, 'state/reserve'));
  reserve.refill();
  opened.defer(() => reserve.idle());
  const sharing = new Sharing();
  const records = createRecords(model, store, {
    ...{ hostNames: config.hostNames, retries },
    ...{ written: () => copies.touched(), panicked, reserve },
    owedBy: (view, changes) => owedBy(view, changes, generate),
    shared: () => sharing,
  });
  opened.defer(() =>
    records.writeOwed().catch((error) => logger.error('the store lacks the last changes', { error })),
  );
  return { plugins, model, retries, copies, records, sharing };
}

/** The kernel and the reconciler. */
function openHosted(
  { config, logger, noRawTable = false }: EngineOptions,
  {
    model,
    retries,
    sharing,
    tracer,
    opened,
  }: Opening & Pick<Core, 'model' | 'retries' | 'sharing' | 'tracer'>,
) {
  const kernel = opened.adopt(openKernel(), (each) => each.close());
  const folders = {
    containers: join(config.dataRoot, 'containers'),
    namespaces: join(config.execRoot, 'netns'),
  };
  ensureFolder(folders.containers, modes.closed);
  ensureFolder(folders.namespaces, modes.through);
  const hostRoutes = new WatchedHostRoutes(kernel, model);
  const facts = () => readFacts(kernel, hostRoutes);
  const reconciler = opened.adopt(
    createReconciler({
      ...{ kernel, view: model, facts, hostRoutes, logger, retries, tracer, config, noRawTable },
      namespacesFolder: folders.namespaces,
      ownedRulesFile: join(config.execRoot, 'owned-rules.json'),
      follows: (id) => sharing.follows(id),
      tunnelKey: () => tunnelKey(tunnelKeyFile(config.dataRoot)).private,
    }),
    (each) => each.close(),
  );
  return { kernel, folders, hostRoutes, facts, reconciler };
}

function openImagesAndVolumes(
  { config, logger }: EngineOptions,
  { model, kernel, records }: Pick<Core, 'model' | 'kernel' | 'records'>,
): Pick<Core, 'images' | 'volumes' | 'volumeTurns'> {
  const shared = {
    root: config.dataRoot,
    records: {
      view: model,
      transact: async <D extends Decision>(transition: Transition<D>) =>
        (await records.transact(transition)).decided,
      keep: async <D extends Decision>(transition: Transition<D>) => (await records.keep(transition)).decided,
    },
    kernel,
    now: generate.now,
  };
  return {
    images: openImages({ ...shared, logger, insecureRegistries: () => config.insecureRegistries }),
    volumeTurns: new KeyedQueue(),
    volumes: openVolumes({ ...shared, queue: new KeyedQueue() }),
  };
}

type Service = 'attachments' | 'health' | 'restarts' | 'execs' | 'managed';

/** State of containers and plugins that is not on record. */
const services = (parts: Omit<Core, Service>): Pick<Core, Service> => ({
  attachments: new Attachments(parts),
  health: new HealthWatch({ ...parts, probe: (container, check) => probe(parts, container, check) }),
  restarts: new RestartPlans(parts),
  execs: new Execs(parts),
  managed: new ManagedPlugins(parts),
});

/** Whether the resolver serves any sandbox, and so outlives the engine. */
const isServed = (model: Core['model']): boolean =>
  Array.from(model.all('sandboxes')).some(({ resolver }) => resolver);

/** Random, drawn at the first start of a data root and kept in it. */
function identityOf(path: string): string {
  if (existsSync(path)) return readFileSync(path, 'utf8').trim();
  mkdirSync(dirname(path), { recursive: true });
  const id = generate.id();
  writeWholeSync(path, `${id}\n`);
  return id;
}
