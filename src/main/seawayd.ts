/** `seawayd`: the engine, in dockerd's place. */
import { subscribe } from 'node:diagnostics_channel';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Api, createApi } from '../api/api.ts';
import type { RequestDefaults } from '../api/create/defaults.ts';
import { listenAddresses } from '../api/listen.ts';
import { parseMetricsAddress } from '../api/metrics-server.ts';
import type { DaemonConfig } from '../config/config.ts';
import { type DaemonCommand, readDaemonCommand } from '../config/daemon.ts';
import { liveConfig } from '../config/live.ts';
import { openEngine, type RunningEngine } from '../engine/engine.ts';
import { lastRecords } from '../engine/last-records.ts';
import { preflight, removalPreflight } from '../engine/preflight.ts';
import { removeAll } from '../engine/remove-all.ts';
import { refuseUnsupported, unhonoured } from '../engine/unsupported.ts';
import { fail, messageOf } from '../errors.ts';
import { patiently } from '../files/patiently.ts';
import { writeWholeSync } from '../files/write-whole.ts';
import { hostPaths } from '../kernel/files/host-paths.ts';
import { meetServiceManager, type ServiceManager } from '../kernel/service-manager.ts';
import { createLogger, type Logger } from '../observe/logger.ts';
import { watchOverlooked } from '../observe/overlooked.ts';
import { readEverything } from '../store/check.ts';
import { hasErrno } from '../system-error.ts';
import { version } from '../version.ts';
import { leave } from './leave.ts';
import { type Reloading, reload } from './reload.ts';
import { restWhenQuiet } from './rest.ts';
import { tellOthers } from './telling.ts';

/** The file's text; undefined if it does not exist. */
function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

const listRecords = '--last-records';

async function main(argv: readonly string[]): Promise<void> {
  // used by `npm start` before it starts the engine in the background
  if (argv.length === 1 && argv[0] === '--check') return preflight();
  // run by an engine before it opens its store
  if (argv.length === 2 && argv[0] === checkStoreFlag) return readEverything(argv[1] ?? '');
  // run by `--remove-all`
  if (argv.length === 2 && argv[0] === listRecords)
    return void process.stdout.write(JSON.stringify(await lastRecords(argv[1] ?? '')), () => void leave(0));
  const command = await patiently(() => readDaemonCommand(argv, readText));
  if (command.kind === 'run') return run(command.config);
  if (command.kind === 'remove-all') return remove(command);
  process.stdout.write(answerTo(command));
}

/** Output of commands that need no engine. Throws for invalid settings. */
function answerTo(command: Exclude<DaemonCommand, { readonly kind: 'run' | 'remove-all' }>): string {
  if (command.kind === 'print') return command.text;
  if (command.kind === 'version') return `Seaway version ${version}\n`;
  refuseWrong(command.config);
  return 'configuration OK\n';
}

/** Prints what was removed and what could not be, for which the exit status is 1. */
async function remove({ config, keepData }: Extract<DaemonCommand, { kind: 'remove-all' }>): Promise<void> {
  const pid = holderOf(config.pidfile);
  if (pid > 0)
    throw fail('CONFIG_INVALID', `an engine with these settings runs (process ${pid}): stop it first`);
  removalPreflight();
  const logger = createLogger('error');
  const recordsReader = [process.execPath, ...process.execArgv, process.argv[1] ?? '', listRecords];
  const { removed, failures, warnings } = await removeAll({ config, keepData, logger, recordsReader });
  const lines = removed.length > 0 ? removed.map((what) => `removed ${what}`) : ['nothing was there'];
  process.stdout.write(`${lines.join('\n')}\n`);
  for (const warning of warnings) process.stderr.write(`seawayd: ${warning}\n`);
  for (const failure of failures) process.stderr.write(`seawayd: not removed: ${failure}\n`);
  await leave(failures.length > 0 ? 1 : 0);
}

/** Checks settings before anything is done. `sockets`: those passed by the service manager, if known. */
function refuseWrong(config: DaemonConfig, sockets?: readonly number[]): void {
  refuseUnsupported(config);
  if (config.metricsAddress !== '') parseMetricsAddress(config.metricsAddress);
  for (const host of config.hosts)
    if (sockets || !host.startsWith('fd://')) listenAddresses(host, sockets ?? []);
}

/** The current settings of command line and file. */
function readSettings(): DaemonConfig {
  const command = readDaemonCommand(process.argv.slice(2), readText);
  if (command.kind !== 'run') throw fail('BUG', 'the engine runs without settings');
  return command.config;
}

/** Most milliseconds that requests wait for containers that start with the engine. */
const bootPatience = 10_000;

/** Containers continue; the service manager starts the engine again, which recovers as after a crash. */
function panicked(error: unknown): void {
  process.stderr.write(`seawayd: ${messageOf(error)}\n`);
  process.exit(1);
}

/** Milliseconds before further attempts to open the engine, after system errors. */
const startPauses = [100, 500, 2000];

function logIdle(config: DaemonConfig, logger: Logger): void {
  const idle = [...config.ignored, ...unhonoured(config)];
  if (idle.length > 0) logger.info('settings without a use here are accepted', { settings: idle.join(' ') });
}

/** Requests and work of a swarm delay the release of memory; requests wait for containers that start with the engine. */
function meetRequests({ app }: Api, booted: Promise<void>): void {
  const isBusy = restWhenQuiet();
  subscribe('seaway:work', isBusy);
  app.addHook('onRequest', async () => isBusy());
  app.addHook('onResponse', async () => isBusy());
  app.addHook('onRequest', () => booted);
}

async function run(first: DaemonConfig): Promise<void> {
  process.title = 'seawayd';
  const serviceManager = meetServiceManager(process.env);
  const live = liveConfig(first);
  const { config } = live;
  const logger = createLogger(() => (config.debug ? 'debug' : config.logLevel));
  const overlooked = watchOverlooked(process, logger);
  refuseWrong(config, serviceManager.sockets);
  logIdle(config, logger);
  passProxies(config.proxies);
  await patiently(preflight);
  await patiently(() => claimPidFile(config.pidfile, logger));
  let engine: RunningEngine | undefined;
  let api: Api | undefined;
  const booted = Promise.withResolvers<void>();
  try {
    const noRawTable = leavesRawTable(process.env);
    if (noRawTable && config.firewallBackend !== 'nftables') logger.warn(unprotected);
    const resolver = [launcher('seaway-resolver')];
    const parts = { config, logger, resolver, checker, overlooked, panicked };
    engine = await patiently(() => openEngine({ ...parts, noRawTable }), {
      pauses: startPauses,
      told: (error) => logger.warn('the start has failed and is tried again', { error }),
    });
    const serving = createApi({ engine, logger, version, defaults: defaultsOf(config) });
    api = serving;
    meetRequests(serving, booted.promise);
    await tellOthers(serving, { engine, config, logger });
    const { sockets } = serviceManager;
    for (const host of config.hosts)
      await patiently(() => serving.listen(host, { group: config.group, sockets }));
  } catch (error) {
    await api?.close();
    await engine?.close();
    rmSync(config.pidfile, { force: true });
    throw error;
  }
  endOnSignal({ engine, api, config, logger, serviceManager });
  reloadOnSignal({ live, engine, logger, read: readSettings });
  // containers may use the socket, so it exists before they start; requests are answered after, as by dockerd
  await engine.startWanted(bootPatience).finally(booted.resolve);
  logger.info('the engine is ready', { hosts: config.hosts.join(' '), version, pid: process.pid });
  await notify(serviceManager, 'READY=1', logger);
}

/** Logs an unreachable service manager. */
async function notify(serviceManager: ServiceManager, state: string, logger: Logger): Promise<void> {
  try {
    await serviceManager.notify(state);
  } catch (error) {
    logger.warn('the service manager was not told', { state, error });
  }
}

/** Docker's switch for kernels without iptables' raw table. */
const noRawVariable = 'DOCKER_INSECURE_NO_IPTABLES_RAW';
const unprotected = `${noRawVariable}=1: container addresses with published ports are not protected`;
const leavesRawTable = (environment: NodeJS.ProcessEnv): boolean => environment[noRawVariable] === '1';

const checkStoreFlag = '--check-store';
const checker = [process.execPath, fileURLToPath(import.meta.url), checkStoreFlag];

/** Path of a launcher in bin/, which finds the Node to use. */
const launcher = (program: string): string =>
  fileURLToPath(new URL(`../${import.meta.url.endsWith('.ts') ? '../' : ''}bin/${program}`, import.meta.url));

/** As dockerd: the configured proxies become the engine's environment, and so that of pulls. */
function passProxies({ httpProxy, httpsProxy, noProxy }: DaemonConfig['proxies']): void {
  for (const [name, value] of Object.entries({
    HTTP_PROXY: httpProxy,
    HTTPS_PROXY: httpsProxy,
    NO_PROXY: noProxy,
  })) {
    if (value === '') continue;
    process.env[name] = value;
    process.env[name.toLowerCase()] = value;
  }
}

/** Docker's rule: private cgroup namespaces on cgroups v2, the host's on v1. */
const cgroupVersion = (): 1 | 2 => (existsSync('/sys/fs/cgroup/cgroup.controllers') ? 2 : 1);

const defaultsOf = (config: DaemonConfig): Partial<RequestDefaults> => ({
  // SIGHUP may change it
  get shmSize() {
    return config.defaultShmSize;
  },
  ipcMode: config.defaultIpcMode,
  cgroupnsMode: config.defaultCgroupnsMode || (cgroupVersion() === 2 ? 'private' : 'host'),
  cgroupVersion: cgroupVersion(),
  runtime: config.defaultRuntime,
  logDriver: config.logDriver,
  logOptions: config.logOpts,
});

/** Pid of the engine that runs with this pid file; 0 for none. */
function holderOf(path: string): number {
  const pid = Number(readText(path) ?? 0);
  return pid > 0 && pid !== process.pid && isAlive(pid) ? pid : 0;
}

/** One engine per pid file. */
function claimPidFile(path: string, logger: Logger): void {
  const other = holderOf(path);
  if (other > 0) throw fail('CONFIG_INVALID', `process with PID ${other} is still running: it holds ${path}`);
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o711 });
    writeWholeSync(path, String(process.pid), { mode: 0o644, flush: false });
  } catch (error) {
    // a full disk; the lock on the data root excludes other engines
    if (!hasErrno(error, 'ENOSPC', 'EDQUOT')) throw error;
    logger.warn('there is no room for the pid file', { path, error });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('seawayd');
  } catch {
    return false;
  }
}

interface Running {
  readonly serviceManager: ServiceManager;
  readonly engine: RunningEngine;
  readonly api: Api;
  readonly config: DaemonConfig;
  readonly logger: Logger;
}

/** Milliseconds that an ending engine waits for requests, and then for transitions in progress. */
const endPatience = 5_000;

/** SIGTERM and SIGINT end the engine in order; containers continue. */
function endOnSignal({ engine, api, config, logger, serviceManager }: Running): void {
  let ending = false;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (ending) return;
    ending = true;
    logger.info('the engine ends', { signal });
    void notify(serviceManager, 'STOPPING=1', logger);
    hostPaths.hasten();
    await api.close(endPatience);
    await engine.close(endPatience);
    rmSync(config.pidfile, { force: true });
    await leave(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => {
      end(signal).catch((error) => {
        logger.error('ending failed', { error });
        void leave(1);
      });
    });
}

/** SIGHUP, one after the other. */
function reloadOnSignal(options: Reloading): void {
  let last = Promise.resolve();
  process.on('SIGHUP', () => {
    last = last
      .then(() => reload(options))
      .catch((error) => options.logger.error('reading the settings again failed', { error }));
  });
}

main(process.argv.slice(2)).catch((error) => {
  process.stderr.write(`seawayd: ${messageOf(error)}\n`);
  void leave(1);
});
