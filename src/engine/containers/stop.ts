/** Ending a container's process: stop, kill, restart; and holding it: pause, unpause. */
import { fail } from '../../errors.ts';
import type { Container } from '../../model/container.ts';
import { withState } from '../../model/containers.ts';
import { findContainer } from '../../model/references.ts';
import type { Core } from '../core.ts';
import type { ExitResult } from '../verbs.ts';
import { unwatchHealth } from './health.ts';
import { cancelRestart } from './restart-policy.ts';
import { signalNumber } from './signals.ts';
import { startQueued } from './start.ts';
import { tellContainer } from './tell.ts';

export interface StopOptions {
  readonly timeout?: number;
  readonly signal?: string;
}

/** Docker's default, in seconds. */
const defaultTimeout = 10;
/** How long the kernel is given to carry out SIGKILL, in milliseconds. */
const killTimeout = 10_000;

export const isAlive = ({ state }: Container): boolean =>
  state.status === 'running' || state.status === 'paused';

export async function stop(core: Core, ref: string, options: StopOptions): Promise<void> {
  const container = findContainer(core.model, ref);
  const signal = signalNumber(options.signal || container.config.StopSignal || 'SIGTERM');
  if (container.state.status === 'restarting') return endRestarting(core, container, options);
  if (!isAlive(container)) throw fail('CONTAINER_ALREADY');
  await markStopped(core, container);
  await end(core, container, {
    signal,
    timeout: options.timeout ?? container.config.StopTimeout ?? defaultTimeout,
  });
  tellContainer(core, 'stop', container);
}

/** Signal, wait, SIGKILL. Resolves when the container's networking is down too. */
async function end(
  core: Core,
  container: Container,
  { signal, timeout }: { readonly signal: number; readonly timeout: number },
): Promise<void> {
  const exited = core.exits.nextExit(container.id);
  if (container.state.status === 'paused') await core.runtime.resume(container.id);
  await sendSignal(core, container, signal);
  if (timeout < 0) await exited;
  else if (!(await within(exited, timeout * 1000))) await killHard(core, container, exited);
}

async function killHard(core: Core, container: Container, exited: Promise<ExitResult>): Promise<void> {
  await sendSignal(core, container, signalNumber('SIGKILL'));
  if (await within(exited, killTimeout)) return;
  throw fail(
    'CONTAINER_STATE',
    `could not kill container ${container.id}: tried to kill it for ${killTimeout / 1000} s`,
  );
}

async function sendSignal(core: Core, container: Container, signal: number): Promise<void> {
  await core.runtime.kill(container.id, signal).catch((error) => {
    // it may have ended by itself in the meantime: then its exit is on the way
    core.logger.debug('a signal found nobody', { container: container.id, error });
  });
  tellContainer(core, 'kill', container, { signal: String(signal) });
}

/** Whether the promise was kept in that time. */
async function within(promise: Promise<unknown>, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, milliseconds, false);
  });
  const kept = await Promise.race([promise.then(() => true), late]);
  clearTimeout(timer);
  return kept;
}

/** So that no restart policy brings it back. */
async function markStopped(core: Core, { id }: Container): Promise<void> {
  const now = core.model.get('containers', id);
  if (now) await core.records.commit([{ table: 'containers', put: withState(now, { stoppedByUser: true }) }]);
}

/** Between two runs of a restart policy there is no process: only the plan is dropped. */
async function endRestarting(core: Core, { id }: Container, options: StopOptions): Promise<void> {
  cancelRestart(core, id);
  const now = await core.queue.run(id, async () => {
    const found = findContainer(core.model, id);
    if (isAlive(found)) return found;
    const ended = withState(found, { status: 'exited', stoppedByUser: true });
    await core.records.commit([{ table: 'containers', put: ended }]);
    return ended;
  });
  if (isAlive(now)) await stop(core, id, options);
  else tellContainer(core, 'stop', now);
}

export async function kill(core: Core, ref: string, asked: string): Promise<void> {
  const container = findContainer(core.model, ref);
  const signal = signalNumber(asked || 'SIGKILL');
  if (!isAlive(container)) throw fail('CONTAINER_NOT_RUNNING', container.id);
  const stops = signalNumber(container.config.StopSignal || 'SIGTERM');
  const isKill = signal === signalNumber('SIGKILL');
  if (isKill || signal === stops) await markStopped(core, container);
  const exited = core.exits.nextExit(container.id);
  await core.runtime.kill(container.id, signal);
  tellContainer(core, 'kill', container, { signal: String(signal) });
  if (!isKill) return;
  // a frozen process (cgroup v1) is not ended before it is thawed
  if (container.state.status === 'paused') await core.runtime.resume(container.id);
  await within(exited, killTimeout);
}

export async function restart(core: Core, ref: string, options: StopOptions): Promise<void> {
  const container = findContainer(core.model, ref);
  if (isAlive(container) || container.state.status === 'restarting') await stop(core, container.id, options);
  await core.queue.run(container.id, () => startQueued(core, container.id));
  tellContainer(core, 'restart', container);
}

export function pause(core: Core, ref: string): Promise<void> {
  const { id } = findContainer(core.model, ref);
  return core.queue.run(id, async () => {
    const container = findContainer(core.model, id);
    if (container.state.status === 'paused')
      throw fail('CONTAINER_STATE', `Container ${id} is already paused`);
    if (container.state.status !== 'running') throw fail('CONTAINER_NOT_RUNNING', id);
    await core.runtime.pause(id);
    unwatchHealth(core, id);
    await core.records.commit([{ table: 'containers', put: withState(container, { status: 'paused' }) }]);
    tellContainer(core, 'pause', container);
  });
}

export function unpause(core: Core, ref: string): Promise<void> {
  const { id } = findContainer(core.model, ref);
  return core.queue.run(id, async () => {
    const container = findContainer(core.model, id);
    if (container.state.status !== 'paused') throw fail('CONTAINER_STATE', `Container ${id} is not paused`);
    await core.runtime.resume(id);
    await core.records.commit([{ table: 'containers', put: withState(container, { status: 'running' }) }]);
    tellContainer(core, 'unpause', container);
  });
}
