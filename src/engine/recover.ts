/**
 * Start-up: the model is loaded, what runs is found again, and everything is made to agree. It is the
 * same after a clean stop, a crash in the middle of a change, or a first start.
 */

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { scopesOf } from '../affected/affected.ts';
import { hasCode } from '../errors.ts';
import { patiently } from '../files/patiently.ts';
import type { Container } from '../model/container.ts';
import { isAlive } from '../model/container-state.ts';
import { withState } from '../model/containers.ts';
import { rewatched } from '../model/health.ts';
import { closeSandbox, leaveSandbox } from '../model/sharing.ts';
import { isLocal } from '../model/volume.ts';
import { nameOfScope } from '../reconcile/runs.ts';
import { socketName } from '../resolver/protocol.ts';
import type { Origin } from '../store/prepare.ts';
import { change, follow } from './change.ts';
import { handleExitQueued } from './containers/exit.ts';
import { forgetFolder } from './containers/folder.ts';
import { unmountByPlugins } from './containers/plugin-mounts.ts';
import { removeQueued } from './containers/remove.ts';
import type { Starting } from './containers/start.ts';
import type { Core } from './core.ts';
import { type ConnectingNamespaces, releaseGone } from './external.ts';
import { findLeftAlone, type LeavingAlone } from './left-alone.ts';
import { mapLimit } from './limit.ts';
import type { NetworkSources } from './network-context.ts';
import { predefinedChanges } from './predefined.ts';

export type Recovering = ConnectingNamespaces &
  LeavingAlone &
  NetworkSources &
  Starting &
  Pick<Core, 'managed'>;

/** Exit code of a process of which nobody knows how it ended: as if by SIGKILL, as dockerd. */
const unknownExit = 137;
/** Sandboxes that converge side by side. */
const atOnce = 4;

/**
 * Throws only where nothing can be decided: what runs cannot be found, or a setting is wrong. All else that fails is
 * listed as degraded and tried again, and keeps nothing else from starting.
 */
export async function recover(core: Recovering, origin: Origin): Promise<void> {
  const running = await core.runtime.adopt([...core.model.all('containers')].filter(isAlive));
  await step(core, 'plugins', () => core.managed.records.load());
  await findLeftAlone(core, origin, running);
  await makePredefined(core);
  await dropLeftovers(core, running);
  await step(core, 'namespaces of others', () => releaseGone(core));
  await step(core, 'names', () => core.records.deriveAgain());
  await convergeAll(core);
  await core.managed.adopt(running);
  await recoverContainers(core, running);
  await holdPorts(core);
  await sweepFolders(core);
  const containers = new Set([
    ...Array.from(core.model.all('containers'), ({ id }) => id),
    ...core.leftAlone,
    ...core.managed.roots(),
  ]);
  await atStart(core, 'leftovers of plugins', () => core.managed.records.sweep());
  await atStart(core, 'leftovers of volumes', () => core.volumes.sweep());
  await atStart(core, 'leftovers of images', () => core.images.sweep(containers));
}

const step = (core: Pick<Core, 'retries'>, name: string, task: () => unknown): Promise<boolean> =>
  core.retries.attempt({ key: `step:${name}`, name }, task);

/** What would take away the work of requests, if it were tried again beside them. */
const atStart = (core: Pick<Core, 'retries'>, name: string, task: () => unknown): Promise<void> =>
  core.retries.once({ key: `step:${name}`, name }, task);

/** Throws what is wrong with the settings of the default bridge: that is for the user to mend. */
async function makePredefined(core: Recovering): Promise<void> {
  const subject = { key: 'step:predefined networks', name: 'predefined networks' };
  const later = (error: unknown): void =>
    core.retries.failed(subject, error, () => core.retries.attempt(subject, () => predefinedLater(core)));
  await core.records
    .transact((view) => predefinedChanges(core, view))
    .catch((error) => {
      if (!hasCode(error, 'KERNEL', 'STORE_NOT_WRITTEN')) throw error;
      later(error);
    });
}

/** At the start they converge with all the others. */
const predefinedLater = async (core: Recovering): Promise<void> =>
  void (await change(core, (view) => predefinedChanges(core, view)));

/** A process belongs to a container that is on record as running; a sandbox to those whose processes run. */
async function dropLeftovers(core: Recovering, running: ReadonlyMap<string, number>): Promise<void> {
  for (const id of running.keys())
    await step(core, `process of ${id.slice(0, 12)}`, async () => {
      const container = core.model.get('containers', id);
      if (core.leftAlone.has(id) || core.managed.owns(id) || (container && isAlive(container))) return;
      core.logger.info('ending a process that no container owns', { container: id });
      await core.runtime.remove(id);
    });
  for (const { id, name } of [...core.model.all('containers')])
    await step(core, `sandbox of container ${name}`, () => leaveIdle(core, id));
  for (const { id } of [...core.model.all('sandboxes')])
    await step(core, `sandbox ${id.slice(0, 12)}`, () => closeEmpty(core, id));
}

async function leaveIdle(core: Pick<Core, 'records'>, containerId: string): Promise<void> {
  await core.records.keep((view) => {
    const container = view.get('containers', containerId);
    return container && !isAlive(container) ? leaveSandbox(view, containerId) : [];
  });
}

async function closeEmpty(core: Pick<Core, 'records'>, sandboxId: string): Promise<void> {
  await core.records.keep((view) => {
    const sandbox = view.get('sandboxes', sandboxId);
    const isUsed = sandbox?.kind === 'external' || view.containersOfSandbox(sandboxId).length > 0;
    return sandbox && !isUsed ? closeSandbox(view, sandboxId) : [];
  });
}

/** Removes folders of containers that are gone, except files that containers in a parked sandbox have mounted. */
async function sweepFolders(core: Recovering): Promise<void> {
  const isGone = (id: string): boolean =>
    !core.model.get('containers', id) &&
    !core.managed.owns(id) &&
    !core.model.parkedSandbox(id) &&
    !core.leftAlone.has(id);
  const folders = await patiently(() => readdirSync(core.folders.containers));
  for (const id of folders.filter(isGone))
    await step(core, `folder of container ${id.slice(0, 12)}`, async () => {
      if (isGone(id)) await forgetFolder(core, id);
    });
}

/** Networks, then sandboxes, then what nobody wants any more, then the firewall and the resolver. */
async function convergeAll(core: Recovering): Promise<void> {
  const { model, reconciler } = core;
  // scopes that fail are tried again by the reconciler
  const listed = (): void => undefined;
  for (const { id } of [...model.all('networks')])
    await follow(core, scopesOf({ networks: new Set([id]) })).catch(listed);
  const sandboxes = [...model.all('sandboxes')];
  await mapLimit(sandboxes, atOnce, ({ id }) =>
    follow(core, scopesOf({ sandboxes: new Set([id]) })).catch(listed),
  );
  // what nobody on record wants may be theirs
  if (core.leftAlone.size === 0) await reconciler.sweep().catch(listed);
  await follow(core, scopesOf({ firewall: true })).catch(listed);
  // it serves every sandbox on record by itself; one that is there already drops those that are gone
  const served = sandboxes.some(({ resolver }) => resolver);
  if (served || existsSync(join(core.config.execRoot, socketName)))
    await step(core, 'resolver', () => core.resolver.status());
}

/** Of what still runs: sandboxes whose containers have ended meanwhile are gone. */
async function holdPorts(core: Recovering): Promise<void> {
  for (const { id } of [...core.model.all('sandboxes')])
    await step(core, `published ports of ${nameOfScope(`sandbox:${id}`, core.model)}`, () =>
      follow(core, scopesOf({ ports: new Set([id]) })),
    );
}

/** Exits that nobody saw, removals that were cut off, and files and health checks of what runs. */
async function recoverContainers(core: Recovering, running: ReadonlyMap<string, number>): Promise<void> {
  for (const { id, name, state } of [...core.model.all('containers')])
    await step(core, `container ${name}`, async () => {
      const container = core.model.get('containers', id);
      // once it was started, stopped or removed, what was found at the start says nothing of it
      if (container?.state === state) await recoverContainer(core, container, running);
    });
}

async function recoverContainer(
  core: Recovering,
  container: Container,
  running: ReadonlyMap<string, number>,
): Promise<void> {
  if (container.state.status === 'removing')
    await removeQueued(core, container, { volumes: container.hostConfig.AutoRemove });
  else if (isAlive(container) && !running.has(container.id))
    await handleExitQueued(core, exitOf(core, container));
  else if (isAlive(container)) await adoptRunning(core, container);
  else await recoverIdle(core, container);
}

const exitOf = (core: Pick<Core, 'generate' | 'runtime'>, { id }: Container) =>
  core.runtime.exitOf(id) ?? { id, exitCode: unknownExit, oomKilled: false, at: core.generate.now() };

async function adoptRunning(core: Recovering, container: Container): Promise<void> {
  await follow(core, scopesOf({ files: new Map([[container.id, { begins: false }]]) }));
  for (const { type, name, driver } of container.mounts)
    if (type === 'volume' && isLocal({ driver })) await core.volumes.use(name, container.id, undefined);
  const { health, status } = container.state;
  if (health && status === 'running') {
    await core.records.keep((view) => {
      const now = view.get('containers', container.id) ?? container;
      return [{ table: 'containers', put: withState(now, { health: rewatched(health) }) }];
    });
  }
  core.health.begin(container);
}

/** Nothing of it may be mounted or on record as running; with `--rm` it was to be removed at its exit. */
async function recoverIdle(core: Recovering, container: Container): Promise<void> {
  await core.runtime.remove(container.id);
  await unmountByPlugins(core, container.id);
  await core.images.unmountRoot(container.id);
  if (container.hostConfig.AutoRemove && container.state.status !== 'created')
    await removeQueued(core, container, { volumes: true });
  else if (container.state.status === 'restarting')
    await core.records.keep((view) => {
      const now = view.get('containers', container.id) ?? container;
      return [{ table: 'containers', put: withState(now, { status: 'exited' }) }];
    });
}
