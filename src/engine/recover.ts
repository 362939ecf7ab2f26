/**
 * Start-up: the model is loaded, what runs is found again, and everything is made to agree. It is the
 * same after a clean stop, a crash in the middle of a change, or a first start.
 */

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Container } from '../model/container.ts';
import { withState } from '../model/containers.ts';
import { closeSandbox, leaveSandbox } from '../model/sharing.ts';
import { socketName } from '../resolver/protocol.ts';
import { handleExitQueued } from './containers/exit.ts';
import { forgetFolder } from './containers/folder.ts';
import { watchHealth } from './containers/health.ts';
import { writeNetworkFiles } from './containers/network-files.ts';
import { removeQueued } from './containers/remove.ts';
import { wantsStartAtBoot } from './containers/restart-policy.ts';
import { start } from './containers/start.ts';
import { isAlive } from './containers/stop.ts';
import type { Core } from './core.ts';
import { releaseGone } from './foreign.ts';
import { mapLimit } from './limit.ts';
import { predefinedChanges } from './predefined.ts';

/** Exit code of a process of which nobody knows how it ended: as if by SIGKILL, as dockerd. */
const unknownExit = 137;
/** Containers that are started side by side at boot. */
const atOnce = 4;

export async function recover(core: Core): Promise<void> {
  const running = await core.runtime.adopt();
  await core.records.commit(predefinedChanges(core));
  await dropLeftovers(core, running);
  await releaseGone(core);
  await core.records.deriveAgain();
  await convergeAll(core);
  await settleContainers(core, running);
  await sweepFolders(core);
  await core.volumes.sweep();
  await core.images.sweep(new Set(Array.from(core.model.all('containers'), ({ id }) => id)));
}

/** After the API listens: containers that the restart policy wants are started. */
export async function startWanted(core: Core): Promise<void> {
  const wanted = Array.from(core.model.all('containers')).filter(
    (container) => !isAlive(container) && wantsStartAtBoot(container),
  );
  await mapLimit(wanted, atOnce, (container) =>
    start(core, container.id).catch((error) =>
      core.logger.warn('a container could not be started again', { container: container.name, error }),
    ),
  );
}

/** A process belongs to a container that is on record as running; a sandbox to those whose processes run. */
async function dropLeftovers(core: Core, running: ReadonlyMap<string, number>): Promise<void> {
  for (const id of running.keys()) {
    const container = core.model.get('containers', id);
    if (container && isAlive(container)) continue;
    core.logger.info('ending a process that no container owns', { container: id });
    await core.runtime.remove(id);
  }
  for (const container of [...core.model.all('containers')])
    if (!isAlive(container)) await core.records.commit(leaveSandbox(core.model, container.id));
  for (const { id, kind } of [...core.model.all('sandboxes')])
    if (kind !== 'foreign' && core.model.containersOfSandbox(id).length === 0)
      await core.records.commit(closeSandbox(core.model, id));
}

/** Folders of containers that are gone, but for the files that those in a parked sandbox have mounted. */
async function sweepFolders(core: Core): Promise<void> {
  for (const id of readdirSync(core.folders.containers))
    if (!core.model.get('containers', id) && !core.model.parkedSandbox(id)) await forgetFolder(core, id);
}

/** Networks, then sandboxes, then what nobody wants any more, then the firewall and the resolver. */
async function convergeAll(core: Core): Promise<void> {
  const failed = (what: string, id: string) => (error: unknown) =>
    core.logger.error(`${what} does not converge`, { id: id.slice(0, 12), error });
  for (const { id } of [...core.model.all('networks')])
    await core.reconciler.convergeNetwork(id).catch(failed('network', id));
  const sandboxes = [...core.model.all('sandboxes')];
  await mapLimit(sandboxes, atOnce, ({ id }) =>
    core.reconciler.convergeSandbox(id).catch(failed('sandbox', id)),
  );
  await core.reconciler.sweep();
  await core.reconciler.convergeFirewall();
  for (const { id, ports } of sandboxes) {
    try {
      core.hostPorts.hold(id, ports);
    } catch (error) {
      failed('published ports', id)(error);
    }
  }
  // it serves every sandbox on record by itself; one that is there already drops those that are gone
  const served = sandboxes.some(({ resolver }) => resolver);
  if (served || existsSync(join(core.config.execRoot, socketName))) await core.resolver.status();
}

/** Exits that nobody saw, removals that were cut off, and files and health checks of what runs. */
async function settleContainers(core: Core, running: ReadonlyMap<string, number>): Promise<void> {
  for (const container of [...core.model.all('containers')]) {
    try {
      await settle(core, container, running);
    } catch (error) {
      core.logger.error('settling a container', { container: container.id, error });
    }
  }
}

async function settle(core: Core, container: Container, running: ReadonlyMap<string, number>): Promise<void> {
  if (container.state.status === 'removing')
    await removeQueued(core, container, { volumes: container.hostConfig.AutoRemove });
  else if (isAlive(container) && !running.has(container.id))
    await handleExitQueued(core, exitOf(core, container));
  else if (isAlive(container)) await adoptRunning(core, container);
  else await settleIdle(core, container);
}

const exitOf = (core: Core, { id }: Container) =>
  core.runtime.exitOf(id) ?? { id, exitCode: unknownExit, oomKilled: false, at: core.dice.now() };

async function adoptRunning(core: Core, container: Container): Promise<void> {
  const sandbox = core.model.sandboxOfContainer(container.id);
  if (sandbox) writeNetworkFiles(core, container, sandbox);
  for (const { type, name } of container.mounts)
    if (type === 'volume') await core.volumes.use(name, container.id, undefined);
  watchHealth(core, container);
}

/** Nothing of it may be mounted or on record as running; with `--rm` it was to be removed at its exit. */
async function settleIdle(core: Core, container: Container): Promise<void> {
  await core.runtime.remove(container.id);
  await core.images.unmountRoot(container.id);
  if (container.hostConfig.AutoRemove && container.state.status !== 'created')
    await removeQueued(core, container, { volumes: true });
  else if (container.state.status === 'restarting')
    await core.records.commit([{ table: 'containers', put: withState(container, { status: 'exited' }) }]);
}
