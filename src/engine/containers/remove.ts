/** `docker rm`: the container, its layer, its logs, and the volumes that were made for it. */
import { fail, SeawayError } from '../../errors.ts';
import type { Container } from '../../model/container.ts';
import { withState } from '../../model/containers.ts';
import { findContainer } from '../../model/references.ts';
import type { Core } from '../core.ts';
import { forgetExecs } from '../execs.ts';
import { forgetFolder } from './folder.ts';
import { cancelRestart } from './restart-policy.ts';
import { isAlive, kill } from './stop.ts';
import { tellContainer } from './tell.ts';

export interface RemoveOptions {
  readonly force: boolean;
  readonly volumes: boolean;
  readonly link: boolean;
}

export async function remove(core: Core, ref: string, options: RemoveOptions): Promise<void> {
  if (options.link) throw fail('NOT_SUPPORTED', 'removing a link');
  const container = findContainer(core.model, ref);
  if (options.force) await endByForce(core, container);
  await core.queue.run(container.id, async () => {
    const now = core.model.get('containers', container.id);
    // ended by force, and gone with that (`--rm`)
    if (!now) return;
    refuseRunning(now);
    await removeQueued(core, now, options);
  });
}

/** A container that restarts over and over has a process now and then: both are ended. */
async function endByForce(core: Core, { id }: Container): Promise<void> {
  cancelRestart(core, id);
  const now = core.model.get('containers', id);
  if (!now || !isAlive(now)) return;
  await kill(core, id, 'SIGKILL').catch((error) => {
    // it ended by itself in the meantime: its exit has the container's turn before the removal
    if (!(error instanceof SeawayError && error.code === 'CONTAINER_NOT_RUNNING')) throw error;
  });
}

function refuseRunning({ name, state }: Container): void {
  if (state.status === 'running' || state.status === 'paused' || state.status === 'restarting')
    throw fail('CONTAINER_RUNNING_REMOVE', name, state.status);
}

/** The removal itself; the caller has the container's turn. */
export async function removeQueued(
  core: Core,
  container: Container,
  { volumes }: { readonly volumes: boolean },
): Promise<void> {
  cancelRestart(core, container.id);
  await core.records.commit([{ table: 'containers', put: withState(container, { status: 'removing' }) }]);
  await core.runtime.remove(container.id);
  await core.images.removeRoot(container.id);
  await core.runtime.removeLogs(container.id);
  // those who are in its sandbox have its files mounted: they stay for whoever takes its place
  if (!core.model.parkedSandbox(container.id)) await forgetFolder(core, container.id);
  forgetExecs(core, container.id);
  await core.records.commit([{ table: 'containers', remove: container.id }]);
  if (volumes) await removeAnonymousVolumes(core, container);
  tellContainer(core, 'destroy', container);
  core.exits.tellRemoval(container.id, { exitCode: container.state.exitCode, error: '' });
}

async function removeAnonymousVolumes(core: Core, { anonymousVolumes }: Container): Promise<void> {
  for (const name of anonymousVolumes) {
    const inUse = Array.from(core.model.all('containers')).some(({ mounts }) =>
      mounts.some((mount) => mount.name === name),
    );
    if (!inUse && core.model.get('volumes', name)) await core.volumes.remove(name);
  }
}
