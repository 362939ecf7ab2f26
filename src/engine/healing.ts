/**
 * Healing: what somebody else takes away from the host (a flushed firewall, a deleted bridge) is put back.
 * The kernel's events only say where to look; what to do follows from comparing with the model again. What
 * others change around the networks (routes, the uplink's MTU) is looked at in the same way.
 */
import type { KernelEvent } from '../kernel/kernel.ts';
import type { Core } from './core.ts';
import type { Surroundings } from './surroundings.ts';

/** A flush is many events: they are waited for, so that one look follows (milliseconds). */
const settleTime = 100;

type Healed = Pick<Core, 'kernel' | 'model' | 'reconciler' | 'logger' | 'retries'>;

/** Begin; the function returned ends it. */
export function heal(core: Healed, surroundings?: Pick<Surroundings, 'concerns' | 'look'>): () => void {
  let timer: NodeJS.Timeout | undefined;
  let firewall = false;
  let around = false;
  /** Events of links were lost: any may be gone. */
  let deaf = false;
  /** The host has a new address, which a start at boot may have waited for. */
  let arrived = false;
  const links = new Set<string>();

  const look = async (): Promise<void> => {
    timer = undefined;
    const lost = [...links, ...(deaf ? missingLinks(core) : [])];
    deaf = false;
    const flushed = firewall;
    const moved = around;
    links.clear();
    firewall = false;
    around = false;
    if (arrived) core.retries.hurry();
    arrived = false;
    // one that fails is tried again by the reconciler, and keeps no other from being looked at
    const listed = (): void => undefined;
    for (const id of new Set(lost.flatMap((name) => networksOf(core, name))))
      await core.reconciler.convergeNetwork(id).catch(listed);
    if (lost.length > 0) await core.reconciler.convergeFirewall().catch(listed);
    else if (flushed) await core.reconciler.healFirewall().catch(listed);
    if (moved) await surroundings?.look();
  };
  /** False: nothing to look at. */
  const note = (event: KernelEvent): boolean => {
    if (surroundings?.concerns(event)) around = true;
    if (event.action === 'flush' && event.subject === 'link') deaf = true;
    if (event.subject === 'address' && event.action === 'new' && !isNetworkLink(core, event.name))
      arrived = true;
    const isLost = event.action !== 'new' && event.subject === 'link' && isNetworkLink(core, event.name);
    if (isLost) links.add(event.name);
    // a lost event (`flush`) may have been anything
    else if (event.action === 'flush' || (event.action === 'del' && event.subject === 'firewall'))
      firewall = true;
    return around || arrived || firewall || links.size > 0;
  };
  const noteAndWait = (event: KernelEvent): void => {
    if (!note(event)) return;
    timer ??= setTimeout(() => {
      look().catch((error) => core.logger.error('healing failed', { error }));
    }, settleTime);
  };
  const unwatch = core.kernel.watch(noteAndWait);
  return () => {
    clearTimeout(timer);
    unwatch();
  };
}

/** Only links of networks count: those of containers come and go all the time. */
const isNetworkLink = (core: Healed, name: string): boolean => networksOf(core, name).length > 0;

/** Of networks. */
function missingLinks({ kernel, model }: Healed): readonly string[] {
  const there = new Set(kernel.host.route.listLinks().map(({ name }) => name));
  return Array.from(model.all('networks'))
    .flatMap(({ id, link }) => [link, ...model.extensions.loads(id).keys()])
    .filter((link) => link !== '' && !there.has(link));
}

const networksOf = ({ model }: Healed, link: string): readonly string[] => {
  const extended = model.extensions.networkOf(link);
  return [...(extended === undefined ? [] : [extended]), ...model.networksOfLink(link).map(({ id }) => id)];
};
