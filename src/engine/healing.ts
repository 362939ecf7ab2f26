/**
 * Healing: what somebody else takes away from the host (a flushed firewall, a deleted bridge) is put back.
 * The kernel's events only say where to look; what to do follows from comparing with the model again.
 */
import type { KernelEvent } from '../kernel/kernel.ts';
import type { Core } from './core.ts';

/** A flush is many events: they are waited for, so that one look follows (milliseconds). */
const settleTime = 100;

type Healed = Pick<Core, 'kernel' | 'model' | 'reconciler' | 'logger'>;

/** Begin; the function returned ends it. */
export function heal(core: Healed): () => void {
  let timer: NodeJS.Timeout | undefined;
  let firewall = false;
  const links = new Set<string>();

  const look = async (): Promise<void> => {
    timer = undefined;
    const lost = [...links];
    const flushed = firewall;
    links.clear();
    firewall = false;
    for (const { id, link } of core.model.all('networks'))
      if (link && lost.includes(link)) await core.reconciler.convergeNetwork(id);
    if (flushed || lost.length > 0) await core.reconciler.convergeFirewall();
  };
  const noteAndWait = (event: KernelEvent): void => {
    if (event.action === 'new') return;
    // a lost event (`flush`) may have been anything
    if (event.subject === 'firewall' || event.action === 'flush') firewall = true;
    else if (event.subject === 'link' && isNetworkLink(core, event.name)) links.add(event.name);
    else return;
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
const isNetworkLink = (core: Healed, name: string): boolean =>
  Array.from(core.model.all('networks')).some(({ link }) => link === name);
