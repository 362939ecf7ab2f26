/** Events of networks. */
import type { Network } from '../model/network.ts';
import type { Core } from './core.ts';

/** Events of networks carry the network's name and type and, for connections, the container. */
export function emit(core: Pick<Core, 'events'>, action: string, network: Network, container?: string): void {
  const attributes = { name: network.name, type: network.driver, ...(container ? { container } : {}) };
  core.events.emit({ type: 'network', action, id: network.id, attributes });
}
