/** Opens the runtime. The verbs are specified by `Runtime` (`runtime.ts`). */
import { accessSync, constants, mkdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fail } from '../errors.ts';
import type { Logger } from '../observe/logger.ts';
import { adoptContainers, monitorEnded } from './adopt.ts';
import { type Limits, usualLimits } from './bounded.ts';
import { monitorFolders, removeEmptyCgroup } from './cgroup.ts';
import type { Context } from './context.ts';
import { ExitWatch } from './exits.ts';
import { readCgroupTrees, readHostFacts } from './host-facts.ts';
import { layoutOf } from './layout.ts';
import { unregister } from './lifecycle.ts';
import { JsonLogs } from './logs/json-logs.ts';
import type { ExitEvent, Runtime } from './runtime.ts';
import { type ExitListeners, factVerbs, lifecycleVerbs, streamVerbs } from './verbs.ts';

export interface RuntimeOptions {
  /** Run-time state, one root per engine; may be on a tmpfs. */
  readonly root: string;
  /** Logs, below `containers/ID/`. */
  readonly dataRoot: string;
  /** Name or path of the OCI runtime; default `runc`. */
  readonly runc?: string;
  readonly conmon?: string;
  /** Cgroup below which containers lie unless they ask otherwise; default `/seaway`. */
  readonly cgroupParent?: string;
  /** Time limits of the OCI runtime. */
  readonly limits?: Partial<Limits>;
  readonly logger: Logger;
}

/** Longest folder for conmon's terminal socket: with its name it must fit in 107 bytes (unix(7)). */
const longestTemporary = 80;

/** Absolute path of a program. Throws CONFIG_INVALID with its name. */
function findProgram(name: string): string {
  const folders = name.includes('/')
    ? ['']
    : `${process.env.PATH ?? ''}:/usr/sbin:/usr/bin:/sbin:/bin`.split(delimiter);
  for (const folder of folders) {
    try {
      const path = join(folder, name);
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // not in this folder
    }
  }
  throw fail('CONFIG_INVALID', `${name} is not installed: containers need runc (or crun) and conmon`);
}

function openContext(options: RuntimeOptions): Omit<Context, 'monitorEnded' | 'memoryRanOut'> {
  // conmon cuts its `--log-path` at colons.
  if (options.dataRoot.includes(':'))
    throw fail('CONFIG_INVALID', `a data root with a colon: ${options.dataRoot}`);
  const layout = layoutOf(options.root, options.dataRoot);
  for (const folder of [layout.runc, layout.bundles, layout.exits, layout.execs, layout.shms]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
  const trees = readCgroupTrees();
  const cgroupParent = join('/', options.cgroupParent || 'seaway');
  const folders = monitorFolders(trees, readFileSync('/proc/self/cgroup', 'utf8'), `${cgroupParent}-conmon`);
  for (const folder of folders) mkdirSync(folder, { recursive: true });
  const programs = {
    conmon: findProgram(options.conmon ?? 'conmon'),
    runc: findProgram(options.runc ?? 'runc'),
    runcRoot: layout.runc,
    temporary: options.root.length <= longestTemporary ? options.root : '/tmp',
    monitorFolders: folders,
  };
  const facts = readHostFacts(trees);
  const { logger } = options;
  const limits = { ...usualLimits, ...options.limits };
  const known = { running: new Map(), starting: new Map(), removing: new Set<string>() };
  const jsonLogs = new JsonLogs(logger, (id) => known.running.has(id));
  return { layout, trees, facts, programs, cgroupParent, logger, jsonLogs, limits, ...known };
}

/** Passes exits on to the listeners. */
function openExits(context: Context, listeners: ExitListeners): ExitWatch {
  const notify = (event: ExitEvent): void => {
    unregister(context, event.id);
    context.jsonLogs.ended(event.id);
    if (context.removing.has(event.id)) return;
    for (const listener of listeners) listener(event);
  };
  return new ExitWatch(context.layout, { notify, logger: context.logger });
}

/**
 * Open the runtime. Folders are made; containers that run already are found by `adopt`.
 * @throws CONFIG_INVALID when runc or conmon is not installed.
 */
export async function openRuntime(options: RuntimeOptions): Promise<Runtime> {
  const context: Context = {
    ...openContext(options),
    monitorEnded: (id) => monitorEnded(context, exits, id),
    memoryRanOut: (id) => {
      for (const listener of memoryListeners) listener(id);
    },
  };
  const listeners: ExitListeners = new Set();
  const memoryListeners = new Set<(id: string) => void>();
  const exits = openExits(context, listeners);
  return {
    support: context.facts.support,
    ...lifecycleVerbs(context, exits),
    ...streamVerbs(context, listeners),
    ...factVerbs(context),
    adopt: (expected = []) => adoptContainers(context, exits, expected),
    exitOf: (id) => exits.read(id),
    onExit: (listener) => void listeners.add(listener),
    onMemoryRanOut: (listener) => void memoryListeners.add(listener),
    close: async () => {
      exits.close();
      await context.jsonLogs.stopAll();
      for (const id of [...context.running.keys()]) unregister(context, id);
      removeEmptyCgroup(context.trees, context.cgroupParent);
      removeEmptyCgroup(context.trees, `${context.cgroupParent}-conmon`);
    },
  };
}
