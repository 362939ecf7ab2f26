/** `docker start`: root and network, then the process; all or nothing. */
import { fail, hasCode, messageOf } from '../../errors.ts';
import type { Container } from '../../model/container.ts';
import { withState } from '../../model/containers.ts';
import { checkCommand, startingHealth } from '../../model/health.ts';
import { checkLinks } from '../../model/links.ts';
import { findContainer } from '../../model/references.ts';
import type { Sandbox } from '../../model/sandbox.ts';
import { span } from '../../observe/trace.ts';
import { exitCodeOfFailure } from '../../runtime/failures.ts';
import type { StartSpec } from '../../runtime/runtime.ts';
import type { Core } from '../core.ts';
import { taskLabel } from '../swarm/task-label.ts';
import { taskMounts } from '../swarm/task-mounts.ts';
import { mountsToMake, prepareBinds } from './binds.ts';
import { emitContainer } from './container-events.ts';
import { withDaemonDefaults, withHostProfile } from './daemon-defaults.ts';
import { environmentOf } from './environment.ts';
import { networkFilesOf } from './network-files.ts';
import { bringDown, bringUp, emitConnected, type Networking } from './networking.ts';
import { type Removing, removeByItself } from './remove.ts';
import { letVolumesGo, makeVolumes, useVolumes } from './volumes.ts';

export type Starting = Networking & Removing;

/** Docker's exit code of a container that could not be started for other reasons. */
const unknownFailure = 128;

export async function resetRestartCount({ records }: Pick<Core, 'records'>, id: string): Promise<void> {
  await records.transact((view) => {
    const container = view.get('containers', id);
    return container && container.state.status !== 'running' && container.restartCount > 0
      ? [{ table: 'containers', put: { ...container, restartCount: 0 } }]
      : [];
  });
}

/** Starts a container; the caller has its turn. */
export async function startQueued(core: Starting, id: string): Promise<void> {
  const container = findContainer(core.model, id);
  const { status } = container.state;
  if (status === 'running') throw fail('CONTAINER_ALREADY');
  if (status === 'paused')
    throw fail('CONTAINER_STATE', 'cannot start a paused container, try unpause instead');
  if (status === 'removing' || status === 'dead')
    throw fail('CONTAINER_STATE', 'container is marked for removal and cannot be started');
  try {
    await launch(core, container);
  } catch (error) {
    await giveUp(core, id, error);
    const now = core.model.get('containers', id);
    if (now?.hostConfig.AutoRemove) await removeByItself(core, now);
    throw error;
  }
}

async function launch(core: Starting, container: Container): Promise<void> {
  checkLinks(core.model, container);
  const image = core.images.get(container.image);
  // plugins are asked when they mount
  await makeVolumes(core, container, () => true);
  await prepareBinds(core, container);
  const [rootfs, sandbox] = await together(
    span({ kind: 'stage', name: 'root' }, () => core.images.mountRoot(container.id, image)),
    bringUp(core, container),
  );
  await useVolumes(core, container, rootfs);
  // read again: it now has the host name of the container whose network it has joined
  const joined = core.model.get('containers', container.id) ?? container;
  const spec = await startSpec(core, joined, { rootfs, sandbox, image });
  const { pid } = await span({ kind: 'stage', name: 'runc create' }, () => core.runtime.create(spec));
  emitConnected(core, container.id, sandbox);
  await core.attachments.join(container);
  // before it runs, so that the end of a short run is not before its start
  const startedAt = core.generate.now();
  await span({ kind: 'stage', name: 'runc start' }, () => core.runtime.start(container.id));
  const { decided } = await core.records.transact((view) => {
    const now = view.get('containers', container.id) ?? container;
    const running = withState(
      { ...now, sandboxId: sandbox.id },
      {
        ...{ status: 'running', pid, exitCode: 0, error: '', oomKilled: false, startedAt },
        ...{ stoppedByUser: false, ...(checkCommand(now) && { health: startingHealth }) },
      },
    );
    return { running, changes: [{ table: 'containers', put: running }] };
  });
  const { running } = decided;
  emitContainer(core, 'start', running);
  core.health.begin(running);
  // clients that attached during the start; it may have ended already, which is no failure of the start
  await core.attachments
    .join(running)
    .catch((error) => core.logger.debug('attach', { container: container.id, error }));
}

/** Both; if one fails, the other is awaited before the error is thrown, so that cleaning up does not race with it. */
async function together<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  const [a, b] = await Promise.allSettled([first, second]);
  if (a.status === 'rejected') throw a.reason;
  if (b.status === 'rejected') throw b.reason;
  return [a.value, b.value];
}

/** Undoes a start part by part; the error and Docker's exit code are recorded. */
async function giveUp(core: Starting, id: string, error: unknown): Promise<void> {
  const container = core.model.get('containers', id);
  if (!container) return;
  core.attachments.fail(id);
  const parts = [
    () => core.runtime.remove(id),
    () => bringDown(core, container),
    () => core.images.unmountRoot(id),
    () => letVolumesGo(core, container),
  ];
  for (const part of parts)
    await part().catch((again) => core.logger.warn('taking back a start', { container: id, error: again }));
  const exitCode = hasCode(error, 'COMMAND_NOT_FOUND') ? exitCodeOfFailure(messageOf(error)) : unknownFailure;
  await core.records.keep((view) => {
    const now = view.get('containers', id) ?? container;
    // a failed restart is not retried
    const status = now.state.status === 'created' ? 'created' : 'exited';
    const put = withState(now, { status, pid: 0, exitCode, error: messageOf(error) });
    return [{ table: 'containers', put }];
  });
  core.exits.notifyExit(id, { exitCode, error: '' });
}

interface Prepared {
  readonly rootfs: string;
  readonly sandbox: Sandbox;
  readonly image: ReturnType<Core['images']['get']>;
}

async function startSpec(
  core: Pick<Core, 'config' | 'folders' | 'model'>,
  container: Container,
  { rootfs, sandbox, image }: Prepared,
): Promise<StartSpec> {
  const { PidMode, IpcMode } = container.hostConfig;
  return {
    container: {
      ...container,
      mounts: await mountsToMake(core, container),
      hostConfig: withDaemonDefaults(container.hostConfig, withHostProfile(core.config)),
    },
    image: image.config,
    rootfs,
    netns: sandbox.path,
    files: networkFilesOf(core, container),
    extraMounts: await filesOfTask(core, container),
    env: environmentOf(core.model, container),
    join: { pid: joinedPid(core, PidMode, 'PID'), ipc: joinedPid(core, IpcMode, 'IPC'), uts: 0 },
  };
}

/** Secrets and configs of a service. */
async function filesOfTask({ config }: Pick<Core, 'config'>, container: Container) {
  if (container.config.Labels[taskLabel] === undefined) return [];
  const mounts = await taskMounts(config.execRoot, container.id);
  return mounts.map(({ source, target }) => ({
    ...{ destination: target, type: 'bind', source, options: ['rbind', 'ro', 'rprivate'] },
  }));
}

/** `container:REF` of `--pid` and `--ipc`: the first process of that container. */
function joinedPid(core: Pick<Core, 'model'>, mode: string, kind: 'PID' | 'IPC'): number {
  if (!mode.startsWith('container:')) return 0;
  const other = findContainer(core.model, mode.slice('container:'.length));
  if (other.state.status !== 'running')
    throw fail(
      kind === 'PID' ? 'START_FAILED' : 'CONTAINER_STATE',
      `failed to join ${kind} namespace: container ${other.id} is not running`,
    );
  return other.state.pid;
}
