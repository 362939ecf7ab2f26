/** `docker rm`: removes the container, its layer, its logs, and its anonymous volumes. */
import { fail, hasCode, messageOf } from '../../errors.ts';
import type { Container, ContainerState } from '../../model/container.ts';
import { withState } from '../../model/containers.ts';
import { findContainer } from '../../model/references.ts';
import type { Core } from '../core.ts';
import { emitContainer } from './container-events.ts';
import { forgetFolder } from './folder.ts';
import { unmountByPlugins } from './plugin-mounts.ts';
import { kill, type Stopping } from './stop.ts';
import { type Unlinking, unlink } from './unlink.ts';
import { removeAnonymousVolumes, type UsingVolumes } from './volumes.ts';

export type Removing = Stopping &
  Unlinking &
  UsingVolumes &
  Pick<Core, 'attachments' | 'execs' | 'folders' | 'images'>;

export interface RemoveOptions {
  readonly force: boolean;
  readonly volumes: boolean;
  readonly link: boolean;
}

export async function remove(core: Removing, ref: string, options: RemoveOptions): Promise<void> {
  if (options.link) return unlink(core, ref);
  const { id } = findContainer(core.model, ref);
  if (options.force) await endByForce(core, id);
  await core.queue.run(id, async () => {
    const now = core.model.get('containers', id);
    // removed by its end (`--rm`)
    if (!now) return;
    refuseRunning(ref, now);
    await removeQueued(core, now, options);
  });
}

async function endByForce(core: Removing, id: string): Promise<void> {
  await kill(core, id, 'SIGKILL').catch((error) => {
    // not running, or ended by itself; its exit has the container's turn before the removal
    if (!hasCode(error, 'CONTAINER_NOT_RUNNING', 'CONTAINER_NOT_FOUND')) throw error;
  });
}

function refuseRunning(ref: string, { state }: Container): void {
  if (state.status === 'running' || state.status === 'paused' || state.status === 'restarting')
    throw fail('CONTAINER_RUNNING_REMOVE', ref, state.status);
}

/** Removes a container; the caller has its turn. A failed removal leaves it `dead`, to be tried again. */
export async function removeQueued(
  core: Removing,
  container: Container,
  { volumes }: { readonly volumes: boolean },
): Promise<void> {
  core.restarts.forget(container.id);
  await setState(core, container.id, { status: 'removing' });
  try {
    await removeParts(core, container.id);
    await core.records.keep(() => [{ table: 'containers', remove: container.id }]);
  } catch (error) {
    await setState(core, container.id, { status: 'dead', error: messageOf(error) });
    core.exits.notifyRemoval(container.id, { exitCode: container.state.exitCode, error: messageOf(error) });
    throw error;
  }
  core.retries.drop(removalKey(container.id));
  core.attachments.fail(container.id);
  if (volumes) await removeAnonymousVolumes(core, container.anonymousVolumes);
  emitContainer(core, 'destroy', container);
  core.exits.notifyRemoval(container.id, { exitCode: container.state.exitCode, error: '' });
}

/** The removal by `--rm`, which is retried if it fails. Never rejects. */
export async function removeByItself(core: Removing, { id, name }: Container): Promise<void> {
  const subject = { key: removalKey(id), name: `removal of container ${name}` };
  const again = async (): Promise<void> => {
    const container = core.model.get('containers', id);
    if (container) await removeQueued(core, container, { volumes: true });
  };
  await again().catch((error) =>
    core.retries.failed(subject, error, () => core.retries.attempt(subject, () => core.queue.run(id, again))),
  );
}

const removalKey = (id: string): string => `remove:${id}`;

async function setState(
  core: Pick<Core, 'records'>,
  id: string,
  state: Partial<ContainerState>,
): Promise<void> {
  await core.records.keep((view) => {
    const now = view.get('containers', id);
    return now ? [{ table: 'containers', put: withState(now, state) }] : [];
  });
}

async function removeParts(core: Removing, id: string): Promise<void> {
  await core.runtime.remove(id);
  await unmountByPlugins(core, id);
  await core.images.removeRoot(id);
  await core.runtime.removeLogs(id);
  // the files stay for its successor if containers in its sandbox have them mounted
  if (!core.model.parkedSandbox(id)) await forgetFolder(core, id);
  core.execs.forget(id);
}
