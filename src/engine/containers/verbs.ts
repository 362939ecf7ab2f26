/** The verbs of containers, each from its own file. */
import { fail } from '../../errors.ts';
import type { Container } from '../../model/container.ts';
import { isAlive } from '../../model/container-state.ts';
import { findContainer } from '../../model/references.ts';
import { parseLogConfig } from '../../runtime/logs/config.ts';
import type { ContainerVerbs, ExitResult, WaitOptions } from '../container-verbs.ts';
import type { Core } from '../core.ts';
import { start } from './boot.ts';
import { commit } from './commit.ts';
import { emitContainer } from './container-events.ts';
import { create } from './create.ts';
import { ContainerFiles } from './files.ts';
import { detail } from './inspect.ts';
import { prune } from './prune.ts';
import { remove } from './remove.ts';
import { restart } from './restart.ts';
import { stats, top } from './stats.ts';
import { kill, pause, stop, unpause } from './stop.ts';
import { rename, update } from './update.ts';

export function containerVerbs(core: Core): ContainerVerbs {
  const find = (ref: string) => findContainer(core.model, ref);
  const files = new ContainerFiles(core);
  const act = <T>(action: string, verb: () => Promise<T>): Promise<T> =>
    core.tracer.run({ kind: 'verb', name: `container ${action}` }, verb);
  return {
    list: () => Array.from(core.model.all('containers'), (container) => detail(core, container)),
    get: (ref) => detail(core, find(ref)),
    create: (request) => act('create', () => create(core, request)),
    start: (ref) => act('start', () => start(core, ref)),
    stop: (ref, options) => act('stop', () => stop(core, ref, options)),
    restart: (ref, options) => act('restart', () => restart(core, ref, options)),
    kill: (ref, signal) => kill(core, ref, signal),
    pause: (ref) => pause(core, ref),
    unpause: (ref) => unpause(core, ref),
    rename: (ref, name) => rename(core, ref, name),
    update: (ref, changes) => update(core, ref, changes),
    remove: (ref, options) => act('delete', () => remove(core, ref, options)),
    wait: (ref, options) => wait(core, ref, options),
    attach: async (ref, options) =>
      core.attachments.attach(options.logs ? withLogs(find(ref)) : find(ref), options),
    resize: (ref, size) => resize(core, find(ref), size),
    logs: (ref, options) => core.runtime.logs(withLogs(find(ref)), options),
    top: (ref, psArgs) => top(core, ref, psArgs),
    stats: (ref) => stats(core, ref),
    changes: (ref) => act('changes', () => files.changes(ref)),
    size: (ref) => files.size(ref),
    export: (ref) => files.export(ref),
    statPath: (ref, path) => files.statPath(ref, path),
    readArchive: (ref, path) => files.readArchive(ref, path),
    writeArchive: (ref, path, archive, options) => files.writeArchive(ref, path, archive, options),
    commit: (ref, options) => act('commit', () => commit(core, ref, options)),
    prune: (matches) => prune(core, matches),
  };
}

/** Throws LOGS_NOT_KEPT if there are none to read (`--log-driver none`). */
function withLogs(container: Container): Container {
  if (!parseLogConfig(container.hostConfig.LogConfig).kept) throw fail('LOGS_NOT_KEPT');
  return container;
}

async function resize(
  core: Pick<Core, 'runtime' | 'events'>,
  container: Container,
  size: { readonly rows: number; readonly columns: number },
): Promise<void> {
  if (!isAlive(container)) throw fail('CONTAINER_NOT_RUNNING', container.id);
  await core.runtime.resize(container.id, size);
  const attributes = { height: String(size.rows), width: String(size.columns) };
  emitContainer(core, 'resize', container, attributes);
}

async function wait(
  core: Pick<Core, 'model' | 'exits'>,
  ref: string,
  { condition, signal }: WaitOptions,
): Promise<ExitResult> {
  const container = findContainer(core.model, ref);
  const { id, state } = container;
  if (condition === 'removed') return core.exits.removal(id, signal);
  const goesOn = isAlive(container) || state.status === 'restarting';
  if (condition === 'not-running' && !goesOn) return { exitCode: state.exitCode, error: '' };
  return core.exits.nextExit(id, signal);
}
