/** Starts containers by their restart policies when the engine starts. A failed start is retried. */
import type { Container } from '../../model/container.ts';
import { isAlive } from '../../model/container-state.ts';
import { linksOf } from '../../model/links.ts';
import { findContainer } from '../../model/references.ts';
import type { Subject } from '../../reconcile/retries.ts';
import { mapLimit } from '../limit.ts';
import type { ManagedPlugins } from '../plugins/managed.ts';
import { bootKey } from './restart-plans.ts';
import { wantsStartAtBoot } from './restart-policy.ts';
import { resetRestartCount, type Starting, startQueued } from './start.ts';

/** Containers that are started at once. */
const atOnce = 4;

const subjectOf = ({ id, name }: Container): Subject => ({ key: bootKey(id), name: `container ${name}` });

type Booting = Starting & { readonly managed: Pick<ManagedPlugins, 'startEnabled' | 'ready'> };

/**
 * A start that the user requests: counts and plans of the restart policy are dropped. If it fails, a retry that was
 * planned before is planned again.
 */
export function start(core: Starting, ref: string): Promise<void> {
  const { id } = findContainer(core.model, ref);
  return core.queue.run(id, async () => {
    const container = findContainer(core.model, id);
    const wasPlanned = core.restarts.isPlanned(id) || core.retries.has(bootKey(id));
    core.restarts.forget(id);
    try {
      await resetRestartCount(core, id);
      await startQueued(core, id);
    } catch (error) {
      if (wasPlanned && isWanted(core.model.get('containers', id) ?? container))
        core.retries.failed(subjectOf(container), error, () => startUntilItRuns(core, container));
      throw error;
    }
  });
}

/** Resolves when each was tried once, or after `patience` milliseconds; the others continue. */
export async function startWanted(core: Booting, patience: number): Promise<void> {
  const wanted = Array.from(core.model.all('containers')).filter(isWanted).sort(fixedFirst);
  const plugins = core.managed.startEnabled();
  const starts = new Map<string, Promise<boolean>>();
  const startOnce = (container: Container): Promise<boolean> => {
    const started = starts.get(container.id) ?? startAfterSources(container);
    starts.set(container.id, started);
    return started;
  };
  const startAfterSources = async (container: Container): Promise<boolean> => {
    const sources = linksOf(core.model, container).map(({ source }) => source);
    // a source is older than its recipient, so that none waits for itself
    for (const source of sources)
      if (isWanted(source) && source.created < container.created) await startOnce(source);
    await core.managed.ready(driversOf(core, container));
    return startUntilItRuns(core, container);
  };
  const tried = Promise.all([plugins, mapLimit(wanted, atOnce, startOnce)]);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, patience, 'late');
  });
  const first = await Promise.race([tried, late]);
  clearTimeout(timer);
  if (first === 'late')
    core.logger.warn('containers or plugins are slow to start: the engine answers meanwhile');
}

/** Drivers of its volumes and networks; plugins among them are started before it. */
function driversOf({ model }: Pick<Starting, 'model'>, { mounts, networks }: Container): readonly string[] {
  const ofNetworks = networks.map(
    ({ network }) => (model.get('networks', network) ?? model.networkByName(network))?.driver ?? '',
  );
  return [...mounts.map(({ driver }) => driver), ...ofNetworks];
}

/** Retries a failed start. Never rejects. */
export const startUntilItRuns = (core: Starting, container: Container): Promise<boolean> =>
  core.retries.attempt(subjectOf(container), () => startAtBoot(core, container.id));

/** Containers with a fixed address or host port come before those that take free ones. */
const fixedFirst = (a: Container, b: Container): number => Number(asksForFixed(b)) - Number(asksForFixed(a));

const asksForFixed = ({ networks, hostConfig }: Container): boolean =>
  networks.some(({ ipv4, ipv6 }) => ipv4 || ipv6) ||
  Object.values(hostConfig.PortBindings).some((bindings) => bindings.some(({ HostPort }) => HostPort));

const isWanted = (container: Container): boolean => !isAlive(container) && wantsStartAtBoot(container);

/** Checks again, since it may have been started or removed before its turn. */
const startAtBoot = (core: Starting, id: string): Promise<void> =>
  core.queue.run(id, async () => {
    const container = core.model.get('containers', id);
    if (!container || !isWanted(container)) return;
    core.restarts.drop(id);
    await resetRestartCount(core, id);
    await startQueued(core, id);
  });
