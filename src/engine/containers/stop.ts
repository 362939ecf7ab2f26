/** Ends a container's process (stop, kill) or freezes it (pause, unpause). */
import { setAlarm } from '../../alarm.ts';
import { during, fail, hasCode } from '../../errors.ts';
import type { Container } from '../../model/container.ts';
import { isAlive, refuseIdle } from '../../model/container-state.ts';
import { withState } from '../../model/containers.ts';
import { unwatched } from '../../model/health.ts';
import { findContainer } from '../../model/references.ts';
import type { ExitResult } from '../container-verbs.ts';
import type { Core } from '../core.ts';
import { emitContainer } from './container-events.ts';
import { bootKey } from './restart-plans.ts';
import { signalNumber } from './signals.ts';

export type Stopping = Pick<
  Core,
  | 'events'
  | 'exits'
  | 'health'
  | 'logger'
  | 'model'
  | 'queue'
  | 'records'
  | 'restarts'
  | 'retries'
  | 'runtime'
>;

export interface StopOptions {
  readonly timeout?: number;
  readonly signal?: string;
}

/** Docker's default, in seconds. */
const defaultTimeout = 10;
/** Milliseconds for the kernel to carry out SIGKILL. */
const killTimeout = 10_000;
/** Milliseconds for the removal of its network and root, which may wait for those of others. */
const takeDownTimeout = 120_000;
/** Milliseconds that ending a container waits for a start in progress. */
const startPatience = 2000;

export async function stop(core: Stopping, ref: string, options: StopOptions): Promise<void> {
  const { id, config } = findContainer(core.model, ref);
  const signal = signalNumber(options.signal || config.StopSignal || 'SIGTERM');
  const ending = await beginEnding(core, id);
  if (!ending) throw fail('CONTAINER_ALREADY');
  const timeout = options.timeout ?? config.StopTimeout ?? defaultTimeout;
  await end(core, ending, { signal, timeout });
  emitContainer(core, 'stop', ending.container);
}

/** A container that the user ends: its record by then, and its exit, which is undefined without a process. */
interface Ending {
  readonly container: Container;
  readonly exited: Promise<ExitResult> | undefined;
}

/**
 * Switches the restart policy off and takes the container's turn: a start in progress is awaited, or ended if it takes
 * long, and no exit is missed. Undefined if it does not run. `hasEndedStart` is called if its start was ended.
 */
async function beginEnding(
  core: Stopping,
  id: string,
  hasEndedStart: () => void = () => undefined,
): Promise<Ending | undefined> {
  const timer = setTimeout(() => {
    if (core.runtime.abandonStart(id)) hasEndedStart();
  }, startPatience);
  try {
    return await markEnding(core, id);
  } finally {
    clearTimeout(timer);
  }
}

function markEnding(core: Stopping, id: string): Promise<Ending | undefined> {
  return core.queue.run(id, async () => {
    const container = findContainer(core.model, id);
    const { status } = container.state;
    // also ends the retries of a start at boot
    const waits = core.retries.has(bootKey(id));
    if (!isAlive(container) && status !== 'restarting' && !waits) return undefined;
    core.restarts.forget(id);
    const exited = isAlive(container) ? core.exits.nextExit(id) : undefined;
    await core.records.keep((view) => {
      const now = view.get('containers', id) ?? container;
      const marked = withState(now, { stoppedByUser: true, status: exited ? status : 'exited' });
      return [{ table: 'containers', put: marked }];
    });
    return { container, exited };
  });
}

/** Signal, wait, SIGKILL. Resolves when the container's networking is removed, too. */
async function end(
  core: Pick<Core, 'events' | 'logger' | 'runtime'>,
  { container, exited }: Ending,
  { signal, timeout }: { readonly signal: number; readonly timeout: number },
): Promise<void> {
  if (!exited) return;
  if (container.state.status === 'paused') await core.runtime.resume(container.id);
  await sendSignal(core, container, signal);
  if (timeout < 0) await exited;
  else if (!(await within(exited, timeout * 1000))) await killHard(core, container, exited);
}

async function killHard(
  core: Pick<Core, 'events' | 'logger' | 'runtime'>,
  container: Container,
  exited: Promise<ExitResult>,
): Promise<void> {
  await sendSignal(core, container, signalNumber('SIGKILL'));
  await killed(core, container, exited);
}

/** Throws CONTAINER_STATE for one that SIGKILL does not end, such as one that hangs in the kernel. */
async function killed(
  core: Pick<Core, 'runtime'>,
  container: Container,
  exited: Promise<ExitResult>,
): Promise<void> {
  if (await within(exited, killTimeout)) return;
  const hasEnded = core.runtime.exitOf(container.id) !== undefined;
  if (hasEnded && (await within(exited, takeDownTimeout))) return;
  throw fail(
    'CONTAINER_STATE',
    `could not kill container ${container.id}: tried to kill it for ${killTimeout / 1000} s`,
  );
}

async function sendSignal(
  core: Pick<Core, 'events' | 'logger' | 'runtime'>,
  container: Container,
  signal: number,
): Promise<void> {
  await core.runtime.kill(container.id, signal).catch((error) => {
    // it may have ended by itself; its exit follows
    if (!hasCode(error, 'CONTAINER_NOT_RUNNING')) throw error;
    core.logger.debug('a signal found nobody', { container: container.id, error });
  });
  emitContainer(core, 'kill', container, { signal: String(signal) });
}

/** Whether the promise resolved in time. */
async function within(promise: Promise<unknown>, milliseconds: number): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<false>();
  const alarm = setAlarm(() => resolve(false), milliseconds);
  const kept = await Promise.race([promise.then(() => true), late]);
  alarm.cancel();
  return kept;
}

/** SIGKILL and the stop signal switch the restart policy off, as `stop` does. */
export async function kill(core: Stopping, ref: string, asked: string): Promise<void> {
  try {
    const { id, config } = findContainer(core.model, ref);
    const signal = signalNumber(asked || 'SIGKILL');
    const isKill = signal === signalNumber('SIGKILL');
    if (isKill || signal === signalNumber(config.StopSignal || 'SIGTERM'))
      await killForGood(core, id, { signal, isKill });
    else await signalOnly(core, id, signal);
  } catch (error) {
    throw during(`cannot kill container: ${ref}`, error);
  }
}

async function killForGood(
  core: Stopping,
  id: string,
  { signal, isKill }: { readonly signal: number; readonly isKill: boolean },
): Promise<void> {
  let isStartEnded = false;
  const ending = await beginEnding(core, id, () => {
    isStartEnded = true;
  });
  if (!ending && isStartEnded) return;
  if (!ending) throw fail('CONTAINER_NOT_RUNNING', id);
  const { container, exited } = ending;
  if (!exited) return;
  await sendSignal(core, container, signal);
  // a frozen process (cgroup v1) does not end before it is thawed
  if (container.state.status === 'paused') await core.runtime.resume(id);
  if (isKill) await killed(core, container, exited);
}

async function signalOnly(core: Stopping, id: string, signal: number): Promise<void> {
  const container = await core.queue.run(id, async () => findContainer(core.model, id));
  if (!isAlive(container)) throw fail('CONTAINER_NOT_RUNNING', id);
  await core.runtime.kill(id, signal);
  emitContainer(core, 'kill', container, { signal: String(signal) });
}

export function pause(core: Stopping, ref: string): Promise<void> {
  const { id } = findContainer(core.model, ref);
  return core.queue.run(id, async () => {
    const container = findContainer(core.model, id);
    if (container.state.status === 'paused')
      throw fail('CONTAINER_STATE', `Container ${id} is already paused`);
    refuseIdle(container);
    await core.runtime.pause(id);
    core.health.end(id);
    await setStatus(core, id, 'paused');
    emitContainer(core, 'pause', container);
  });
}

export function unpause(core: Stopping, ref: string): Promise<void> {
  const { id } = findContainer(core.model, ref);
  return core.queue.run(id, async () => {
    const container = findContainer(core.model, id);
    if (container.state.status !== 'paused') throw fail('CONTAINER_STATE', `Container ${id} is not paused`);
    await core.runtime.resume(id);
    await setStatus(core, id, 'running');
    core.health.begin(container);
    emitContainer(core, 'unpause', container);
  });
}

/** Changes the current record, since a health check may have changed it meanwhile. */
async function setStatus(
  core: Pick<Core, 'records'>,
  id: string,
  status: 'running' | 'paused',
): Promise<void> {
  await core.records.keep((view) => {
    const now = findContainer(view, id);
    const health = now.state.health && status === 'paused' ? { health: unwatched(now.state.health) } : {};
    return [{ table: 'containers', put: withState(now, { status, ...health }) }];
  });
}
