/** What follows when a container's process has ended. */
import type { Container } from '../../model/container.ts';
import { withState } from '../../model/containers.ts';
import type { ExitEvent } from '../../runtime/runtime.ts';
import type { Core } from '../core.ts';
import { unwatchHealth } from './health.ts';
import { bringDown } from './networking.ts';
import { removeQueued } from './remove.ts';
import { planRestart, restarting, wantsRestart } from './restart-policy.ts';
import { startQueued } from './start.ts';
import { tellContainer } from './tell.ts';

/** Called for every exit that the runtime sees. */
export function handleExit(core: Core, event: ExitEvent): Promise<void> {
  return core.queue.run(event.id, () => handleExitQueued(core, event));
}

export async function handleExitQueued(core: Core, event: ExitEvent): Promise<void> {
  const container = core.model.get('containers', event.id);
  if (!container || container.state.pid === 0) return;
  unwatchHealth(core, event.id);
  await takeDown(core, container);
  const ended = await writeDown(core, event);
  if (!ended) return;
  if (event.oomKilled) tellContainer(core, 'oom', ended);
  tellContainer(core, 'die', ended, { exitCode: String(event.exitCode) });
  core.exits.tellExit(event.id, { exitCode: event.exitCode, error: '' });
  if (ended.state.status === 'restarting') planRestart(core, ended, (id) => restartOnce(core, id));
  else if (ended.hostConfig.AutoRemove) await removeQueued(core, ended, { volumes: true });
}

/** Process leftovers, network, root: each is tried even if another fails. */
async function takeDown(core: Core, container: Container): Promise<void> {
  const steps = [
    core.runtime.remove(container.id),
    bringDown(core, container),
    core.images.unmountRoot(container.id),
    ...container.mounts.map(({ type, name }) =>
      type === 'volume' ? core.volumes.letGo(name, container.id) : Promise.resolve(),
    ),
  ];
  for (const result of await Promise.allSettled(steps))
    if (result.status === 'rejected')
      core.logger.error('taking a container down', { container: container.id, error: result.reason });
}

async function writeDown(core: Core, event: ExitEvent): Promise<Container | undefined> {
  const now = core.model.get('containers', event.id);
  if (!now) return undefined;
  const exited = withState(
    { ...now, sandboxId: '' },
    { status: 'exited', pid: 0, exitCode: event.exitCode, oomKilled: event.oomKilled, finishedAt: event.at },
  );
  const ended = wantsRestart(exited, event.exitCode) ? restarting(exited) : exited;
  await core.records.commit([{ table: 'containers', put: ended }]);
  return ended;
}

const restartOnce = (core: Core, id: string): Promise<void> =>
  core.queue.run(id, async () => {
    if (core.model.get('containers', id)?.state.status === 'restarting') await startQueued(core, id);
  });
