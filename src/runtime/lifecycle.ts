/** Creates, starts and removes containers. */
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fail } from '../errors.ts';
import { removeOwnFolder } from '../kernel/files/own-folder.ts';
import { identify, sendSignal } from '../programs/identity.ts';
import { bounded } from './bounded.ts';
import { pidsOf, removeCgroup, thawIfThere } from './cgroup.ts';
import { type Conmon, launchConmon } from './conmon.ts';
import type { ContainerRecord, Context, RunningContainer } from './context.ts';
import { reopenLog } from './control.ts';
import { createFailure, sentenceOf } from './failures.ts';
import { unmountLazily } from './libc.ts';
import { logConfigOf } from './logs/config.ts';
import { conmonLimit, spoolLimits, watchRotation } from './logs/rotation.ts';
import { awaitMonitor, killWithMonitor } from './monitor.ts';
import { watchMemory } from './out-of-memory.ts';
import { cgroupOf, writeBundle } from './prepare.ts';
import { watchEnd } from './process-end.ts';
import { cgroupOfBundle, identifyByFile, readRecord, writeRecord } from './record.ts';
import { runProgram } from './run-runc.ts';
import type { StartSpec } from './runtime.ts';

const SIGKILL = 9;

/** Copies conmon's log to Docker's format, for containers of the driver json-file. */
function copyLog(
  { jsonLogs, layout }: Context,
  { id, log }: Pick<ContainerRecord, 'id' | 'log'>,
  how: 'follow' | 'finish',
): void {
  const { json } = log;
  if (json) jsonLogs[how](id, { log: layout.log(id), file: layout.jsonLog(id), limits: log, json });
}

/** If the kernel allows no more watches, conmon's note is read at the container's end. */
function watchMemoryOf(context: Context, { id, cgroup }: ContainerRecord): () => void {
  try {
    return watchMemory(context.trees, cgroup, () => context.memoryRanOut(id));
  } catch (error) {
    context.logger.warn('the memory of a container is not watched', { container: id, error });
    return () => undefined;
  }
}

/** Adds a container to `running`, with its watches. */
export function register(context: Context, record: ContainerRecord): void {
  const { log } = record;
  const bundle = context.layout.bundle(record.id);
  const limits = log.json ? spoolLimits(log) : log;
  const watched = log.kept && limits.maxSize > 0 && limits.maxFile > 1;
  const rotation = watched
    ? watchRotation(context.layout.log(record.id), limits, () => reopenLog(bundle))
    : undefined;
  copyLog(context, record, 'follow');
  const unwatchMemory = watchMemoryOf(context, record);
  const unwatchEnd = watchEnd(record.monitor, () => context.monitorEnded(record.id));
  const unwatch = (): void => {
    unwatchMemory();
    unwatchEnd();
  };
  context.running.set(record.id, { ...record, rotation, unwatch });
}

export function unregister(context: Context, id: string): RunningContainer | undefined {
  const known = context.running.get(id);
  known?.rotation?.close();
  known?.unwatch();
  known?.ending?.close();
  context.running.delete(id);
  return known;
}

async function launch(context: Context, start: StartSpec): Promise<Conmon> {
  const { id, config } = start.container;
  const log = logConfigOf(start.container);
  await mkdir(context.layout.logFolder(id), { recursive: true, mode: 0o710 });
  return launchConmon(context.programs, {
    id,
    bundle: context.layout.bundle(id),
    exitDir: context.layout.exits,
    terminal: config.Tty,
    stdin: config.OpenStdin,
    // a terminal's end of input is a key; otherwise Docker closes it only for `StdinOnce`
    leaveStdinOpen: config.Tty || !config.StdinOnce,
    log: log.kept ? context.layout.log(id) : '',
    logLimit: conmonLimit(log),
  });
}

/** See `Runtime.create`. */
export async function createContainer(context: Context, start: StartSpec): Promise<{ readonly pid: number }> {
  const { id } = start.container;
  if (existsSync(context.layout.bundle(id))) await removeContainer(context, id);
  return abortable(context, id, async (signal) => {
    try {
      await writeBundle(context, start);
      return await createWithin(context, start, signal);
    } catch (thrown) {
      killWithMonitor(await identifyByFile(join(context.layout.bundle(id), 'conmon.pid')));
      await removeContainer(context, id);
      throw thrown;
    }
  });
}

/** Runs conmon, whose runtime may hang. */
async function createWithin(
  context: Context,
  start: StartSpec,
  signal: AbortSignal,
): Promise<{ readonly pid: number }> {
  const { id } = start.container;
  const bounds = { what: context.programs.runc, limit: context.limits.start, signal };
  const conmon = await launch(context, start);
  try {
    const answer = await bounded(conmon.next(), bounds);
    await bounded(conmon.detached, bounds);
    if (answer === undefined || answer.data <= 0) throw createFailure(answer?.message ?? conmon.complaint());
    const process = identify(answer.data) ?? { pid: answer.data, startTime: '' };
    const monitor = await identifyByFile(join(context.layout.bundle(id), 'conmon.pid'));
    const log = logConfigOf(start.container);
    const record = {
      id,
      process,
      ...(monitor && { monitor }),
      cgroup: cgroupOf(context, start.container),
      log,
    };
    await writeRecord(context, record);
    register(context, record);
    conmon.release();
    return { pid: answer.data };
  } catch (thrown) {
    conmon.abandon();
    throw thrown;
  }
}

/** Work that `abandonStart` can end. */
async function abortable<T>(
  context: Context,
  id: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const control = new AbortController();
  context.starting.set(id, control);
  try {
    return await work(control.signal);
  } finally {
    if (context.starting.get(id) === control) context.starting.delete(id);
  }
}

/** See `Runtime.abandonStart`. */
export function abandonStart(context: Context, id: string): boolean {
  const control = context.starting.get(id);
  control?.abort(fail('START_FAILED', `the start of container ${id} was ended by a request`));
  return control !== undefined;
}

/** See `Runtime.start`. */
export async function startContainer(context: Context, id: string): Promise<void> {
  const { runc, runcRoot } = context.programs;
  const limit = context.limits.start;
  const { ok, output } = await abortable(context, id, (signal) =>
    bounded(runProgram(runc, ['--root', runcRoot, 'start', id], { limit, signal }), {
      what: runc,
      limit,
      signal,
    }),
  );
  if (ok) return;
  if (/container does not exist/.test(output)) throw fail('CONTAINER_NOT_RUNNING', id);
  throw createFailure(sentenceOf(output));
}

async function deleteFromRunc(context: Context, id: string): Promise<void> {
  const { runc, runcRoot } = context.programs;
  if (!existsSync(join(runcRoot, id))) return;
  const { ok, output } = await runProgram(runc, ['--root', runcRoot, 'delete', '--force', id], {
    limit: context.limits.verb,
  });
  if (!ok) context.logger.warn('runc delete', { container: id, error: sentenceOf(output) });
  removeOwnFolder(join(runcRoot, id));
}

async function killLeftovers(context: Context, cgroup: string): Promise<void> {
  for (let pause = 1; pause < 1000; pause *= 2) {
    const pids = pidsOf(context.trees, cgroup);
    if (pids.length === 0) return;
    for (const pid of pids) sendSignal(identify(pid), SIGKILL);
    await delay(pause);
  }
}

/** Milliseconds for processes that were killed: on a busy machine each waits for a processor to end. */
const ending = 5_000;

async function removeGroup({ trees, logger }: Context, cgroup: string): Promise<void> {
  const end = performance.now() + ending;
  for (let pause = 1; !removeCgroup(trees, cgroup); pause = Math.min(2 * pause, 100)) {
    if (performance.now() > end)
      return logger.warn('a cgroup is left, as processes in it do not end', { cgroup });
    for (const pid of pidsOf(trees, cgroup)) sendSignal(identify(pid), SIGKILL);
    await delay(pause);
  }
}

/** See `Runtime.remove`. */
export async function removeContainer(context: Context, id: string): Promise<void> {
  const { layout, trees } = context;
  const bundle = layout.bundle(id);
  const known = unregister(context, id) ?? (await readRecord(context, id));
  const cgroup = known?.cgroup ?? (await cgroupOfBundle(context, bundle));
  const monitor = known?.monitor ?? (await identifyByFile(join(bundle, 'conmon.pid')));
  if (known) copyLog(context, known, 'finish');
  context.removing.add(id);
  try {
    if (cgroup !== '') thawIfThere(trees, cgroup);
    await deleteFromRunc(context, id);
    sendSignal(known?.process, SIGKILL);
    if (cgroup !== '') await killLeftovers(context, cgroup);
    await awaitMonitor(context, monitor);
    if (cgroup !== '') await removeGroup(context, cgroup);
    if (existsSync(layout.shm(id))) {
      unmountLazily(layout.shm(id));
      removeOwnFolder(layout.shm(id));
    }
    removeOwnFolder(bundle);
    await rm(layout.exit(id), { force: true });
  } finally {
    context.removing.delete(id);
  }
}

/** The OCI runtime keeps this FIFO from `create` to `start`. */
export const isStarted = (context: Context, id: string): boolean =>
  !existsSync(join(context.programs.runcRoot, id, 'exec.fifo'));
