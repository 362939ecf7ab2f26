/**
 * Containers that the cluster has taken off a network: another host has their address, or their network gave way to another
 * one. They run on without it, and are listed as degraded until they are started or connected again.
 */
import type { Taken } from '../cluster/write-back.ts';
import { isAlive } from '../model/container-state.ts';
import { disconnectSandbox } from '../model/sandboxes.ts';
import type { Change, View } from '../model/tables.ts';
import type { Degraded } from '../reconcile/retries.ts';
import { takeAway } from './change.ts';
import type { Networking } from './containers/networking.ts';
import type { Core } from './core.ts';
import { emit } from './network-events.ts';
import { sandboxContext } from './sandbox-context.ts';

type TakingOff = Networking & Pick<Core, 'generate'>;

/** Disconnects an endpoint; its container runs on. Failures are logged. */
export async function takeOff(core: TakingOff, taken: Taken): Promise<void> {
  const { id, name, containerId, networkId, addresses } = taken.endpoint;
  const network = core.model.get('networks', networkId);
  core.logger.warn('an endpoint is taken off its network', {
    ...{
      container: name,
      network: network?.name ?? networkId,
      addresses: addresses.join(' '),
      why: taken.why,
    },
  });
  try {
    await core.queue.run(containerId || id, () =>
      takeAway(core, (view) => withoutEndpoint(core, view, taken)),
    );
  } catch (error) {
    core.logger.error('an endpoint could not be taken off its network', { container: name, error });
  }
  if (network) emit(core, 'disconnect', network, containerId);
}

function withoutEndpoint(core: TakingOff, view: View, { endpoint: lostOne, why }: Taken): readonly Change[] {
  const { id } = lostOne;
  const endpoint = view.get('endpoints', id);
  // it has other addresses by now
  if (!endpoint || endpoint.addresses.join() !== lostOne.addresses.join()) return [];
  const container = view.get('containers', endpoint.containerId);
  const sandbox = view.get('sandboxes', endpoint.sandboxId);
  if (!container || !sandbox) return [{ table: 'endpoints', remove: id }];
  const lost = { why, since: core.generate.now(), address: endpoint.addresses.join(' ') };
  const networks = container.networks.map((spec) =>
    spec.network === endpoint.spec.network ? { ...spec, kept: { ...spec.kept, lost } } : spec,
  );
  const { changes } = disconnectSandbox(view, { container, sandbox, endpoint }, sandboxContext(core));
  return [...changes, { table: 'containers', put: { ...container, networks } }];
}

/** Running containers that are off a network of theirs. */
export const takenOff = (view: Pick<View, 'all'>): readonly Degraded[] =>
  Array.from(view.all('containers')).flatMap((container) =>
    isAlive(container)
      ? container.networks.flatMap(({ network, kept }) => {
          if (!kept?.lost) return [];
          const { why, since, address } = kept.lost;
          return {
            key: `taken:${container.id} ${network}`,
            name: `container ${container.name}`,
            error: `it is off network ${network}, where it had ${address}: ${why}`,
            ...{ since, next: '', attempts: 1 },
          };
        })
      : [],
  );
