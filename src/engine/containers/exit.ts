/** Handles the end of a container's process. */
import { hasCode } from '../../errors.ts';
import type { Container } from '../../model/container.ts';
import { withState } from '../../model/containers.ts';
import { unwatched } from '../../model/health.ts';
import type { ExitEvent } from '../../runtime/runtime.ts';
import { systemReason } from '../../system-error.ts';
import { startUntilItRuns } from './boot.ts';
import { emitContainer } from './container-events.ts';
import { followLeave, type Left, leave } from './networking.ts';
import { removeByItself } from './remove.ts';
import { restarting, wantsRestart } from './restart-policy.ts';
import { type Starting, startQueued } from './start.ts';
import { letVolumesGo } from './volumes.ts';

/** Called for every exit that the runtime reports. */
export function handleExit(core: Starting, event: ExitEvent): Promise<void> {
  return core.queue.run(event.id, () => handleExitQueued(core, event));
}

export async function handleExitQueued(core: Starting, event: ExitEvent): Promise<void> {
  const container = core.model.get('containers', event.id);
  if (!container || container.state.pid === 0) return;
  core.health.end(event.id);
  core.execs.forgetUnstarted(event.id);
  // first the record and the networks, for listeners of the events; the kernel follows
  const left = await leave(core, event.id, (now) => endedBy(now, event));
  const ended = left.container ?? container;
  if (event.oomKilled && !container.state.oomKilled) emitContainer(core, 'oom', ended);
  emitContainer(core, 'die', ended, {
    execDuration: String(secondsOf(ended)),
    exitCode: String(event.exitCode),
  });
  await takeDown(core, ended, left);
  core.exits.notifyExit(event.id, { exitCode: event.exitCode, error: '' });
  if (ended.state.status === 'restarting') core.restarts.plan(ended, (id) => restartOnce(core, id));
  else if (ended.hostConfig.AutoRemove && !core.restarts.isHeld(ended.id)) await removeByItself(core, ended);
}

/** Called each time that the cgroup of a container has run out of memory. The container may continue. */
export function handleMemoryRanOut(core: Starting, id: string): Promise<void> {
  return core.queue.run(id, async () => {
    const container = core.model.get('containers', id);
    // the exit has reported it
    if (!container || container.state.pid === 0) return;
    if (!container.state.oomKilled)
      await core.records.keep((view) => {
        const now = view.get('containers', id) ?? container;
        return [{ table: 'containers', put: withState(now, { oomKilled: true }) }];
      });
    emitContainer(core, 'oom', container);
  });
}

/** Duration of its run in whole seconds. */
const secondsOf = ({ state }: Container): number =>
  Math.max(0, Math.floor((Date.parse(state.finishedAt) - Date.parse(state.startedAt)) / 1000));

/** The record of a container after its exit. */
function endedBy(container: Container, { exitCode, at, ...event }: ExitEvent): Container {
  const { health } = container.state;
  const oomKilled = event.oomKilled || container.state.oomKilled;
  const exited = withState(container, {
    ...{ status: 'exited', pid: 0, exitCode, oomKilled, finishedAt: at },
    ...(health && { health: unwatched(health) }),
  });
  return wantsRestart(exited, exitCode) ? restarting(exited) : exited;
}

/** Removes process leftovers, network and root, each even if another fails; then the volumes. */
async function takeDown(core: Starting, container: Container, left: Left): Promise<void> {
  const steps = [
    core.runtime.remove(container.id),
    followLeave(core, container.id, left),
    core.images.unmountRoot(container.id),
  ];
  for (const result of await Promise.allSettled(steps))
    if (result.status === 'rejected')
      core.logger.error('taking a container down', { container: container.id, error: result.reason });
  await letVolumesGo(core, container);
}

/** A restart is retried if the machine lacked something (space, descriptors, memory) or a plugin was away. */
async function restartOnce(core: Starting, id: string): Promise<void> {
  try {
    await core.queue.run(id, async () => {
      if (core.model.get('containers', id)?.state.status === 'restarting') await startQueued(core, id);
    });
  } catch (error) {
    const container = core.model.get('containers', id);
    if (!container || !isShortage(error)) throw error;
    core.logger.warn('a restart failed', { container: id, error });
    await startUntilItRuns(core, container);
  }
}

const isShortage = (error: unknown): boolean =>
  hasCode(error, 'STORE_NOT_WRITTEN', 'PROGRAM_FAILED', 'PROGRAM_SLOW', 'KERNEL') ||
  hasCode(error, 'PLUGIN_NOT_FOUND', 'PLUGIN_AWAY', 'PLUGIN_BROKEN', 'PLUGIN_SLOW') ||
  systemReason(error) !== undefined;
