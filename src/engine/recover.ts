/**
 * Start-up: loads the model, finds running containers, and makes everything agree. It is the same after a clean stop,
 * a crash during a change, or at a first start.
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
  Pick<Core, 'managed' | 'relays'>;

/** Exit code of a process whose end is unknown: as by SIGKILL, like dockerd. */
const unknownExit = 137;
/** Sandboxes that converge at once. */
const atOnce = 4;

/**
 * Throws only if running containers cannot be found or a setting is wrong. Other failures are listed as degraded and
 * retried, and do not stop the rest.
 */
export async function recover(core: Recovering, origin: Origin): Promise<void> {
  const running = await core.runtime.adopt([...core.model.all('containers')].filter(isAlive));
  await step(core, 'plugins', () => core.managed.records.load());
  await findLeftAlone(core, origin, running);
  await makePredefined(core);
  const sandboxes = new Set(Array.from(core.model.all('sandboxes'), ({ id }) => id));
  await dropLeftovers(core, running);
  await step(core, 'namespaces of others', () => releaseGone(core));
  await step(core, 'names', () => core.records.deriveAgain());
  await convergeAll(core, sandboxes);
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

/** A step that is not retried, because it could remove what requests make. */
const atStart = (core: Pick<Core, 'retries'>, name: string, task: () => unknown): Promise<void> =>
  core.retries.once({ key: `step:${name}`, name }, task);

/** Throws errors in the settings of the default bridge, which the user must correct. */
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

/** Also converges them, which the start does with all networks. */
const predefinedLater = async (core: Recovering): Promise<void> =>
  void (await change(core, (view) => predefinedChanges(core, view)));

/** Removes processes without a container on record as running, and sandboxes without running containers. */
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

/**
 * Converges networks, sandboxes, leftovers, the firewall and the resolver, in that order. `before`: sandboxes that were on
 * record at the start; those that were dropped are removed from the kernel.
 */
async function convergeAll(core: Recovering, before: ReadonlySet<string>): Promise<void> {
  const { model, reconciler } = core;
  // failed scopes are retried by the reconciler
  const listed = (): void => undefined;
  // their sandboxes may be on networks that come later
  for (const { id } of [...model.all('networks')])
    await reconciler.convergeNetwork(id, { sandboxes: 'later' }).catch(listed);
  const sandboxes = [...model.all('sandboxes')];
  // leftovers may belong to containers that are left alone
  const dropped = core.leftAlone.size === 0 ? [...before].filter((id) => !model.get('sandboxes', id)) : [];
  await mapLimit([...sandboxes.map(({ id }) => id), ...dropped], atOnce, (id) =>
    follow(core, scopesOf({ sandboxes: new Set([id]) })).catch(listed),
  );
  if (core.leftAlone.size === 0) await reconciler.sweep().catch(listed);
  await follow(core, scopesOf({ firewall: true })).catch(listed);
  // it serves every sandbox on record by itself; a running one drops those that are gone
  const served = sandboxes.some(({ resolver }) => resolver);
  if (served || existsSync(join(core.config.execRoot, socketName)))
    await step(core, 'resolver', () => core.resolver.status());
}

/** Holds the ports of sandboxes that still exist. Those that the resolver's process passes on are its, if it runs. */
async function holdPorts(core: Recovering): Promise<void> {
  const isRunning = existsSync(join(core.config.execRoot, socketName));
  if (isRunning) await step(core, 'ports that are passed on', () => core.resolver.status());
  for (const { id } of [...core.model.all('sandboxes')])
    await step(core, `published ports of ${nameOfScope(`sandbox:${id}`, core.model)}`, () =>
      follow(core, scopesOf({ ports: new Set([id]) })),
    );
  if (isRunning) await step(core, 'ports that are passed on no more', () => core.relays.sweep());
}

/** Handles unseen exits and interrupted removals, and the files and health checks of running containers. */
async function recoverContainers(core: Recovering, running: ReadonlyMap<string, number>): Promise<void> {
  for (const { id, name, state } of [...core.model.all('containers')])
    await step(core, `container ${name}`, async () => {
      const container = core.model.get('containers', id);
      // unless it was started, stopped or removed since
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

/** Cleans up a container that does not run; with `--rm` it is removed. */
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
