/**
 * Containers on overlay networks that send by other MAC addresses than theirs: VRRP, a bridge or virtual machine inside. Other
 * hosts do not reach those, as nothing is learned from frames. They are listed as degraded while the bridge knows them.
 */
import { hasCode } from '../errors.ts';
import type { Endpoint } from '../model/endpoint.ts';
import type { Network } from '../model/network.ts';
import { networkNamespace } from '../objects/namespace-ref.ts';
import type { Core } from './core.ts';

type Looking = Pick<Core, 'events' | 'logger' | 'model' | 'reconciler' | 'retries'>;

/** Addresses that a message names. */
const mostNamed = 3;

export class MadeUpMacs {
  readonly #core: Looking;
  /** Keys of listed endpoints, by the id of the endpoint. */
  readonly #listed = new Map<string, string>();

  constructor(core: Looking) {
    this.#core = core;
  }

  /** Looks at those networks; the kernel is asked once for each endpoint. */
  look(networkIds: readonly string[]): void {
    const { model, retries } = this.#core;
    for (const [endpoint, key] of this.#listed)
      if (!model.get('endpoints', endpoint)) {
        retries.drop(key);
        this.#listed.delete(endpoint);
      }
    for (const id of networkIds) {
      const network = model.get('networks', id);
      if (network?.overlay)
        for (const endpoint of model.endpointsOfNetwork(id)) this.#lookAt(network, endpoint);
    }
  }

  #lookAt(network: Network, endpoint: Endpoint): void {
    const others = this.#learned(network, endpoint).filter((mac) => mac !== endpoint.mac);
    const key = `mac:${endpoint.id}`;
    if (others.length > 0) this.#list(network, endpoint, others);
    else if (this.#listed.delete(endpoint.id)) this.#core.retries.succeeded(key);
  }

  /** None where the network or its port is not there now. */
  #learned({ id }: Network, { hostLink }: Endpoint): readonly string[] {
    const { reconciler, logger } = this.#core;
    try {
      const namespace = reconciler.namespaceOf(networkNamespace(id));
      const port = namespace.route.findLink(hostLink);
      return port ? namespace.learnedBehind(port.index) : [];
    } catch (error) {
      if (!hasCode(error, 'KERNEL')) throw error;
      logger.debug('what a bridge has learned is not known', { link: hostLink, error });
      return [];
    }
  }

  #list(network: Network, { id, name, containerId }: Endpoint, macs: readonly string[]): void {
    const { events, retries } = this.#core;
    const key = `mac:${id}`;
    const named = macs.slice(0, mostNamed).join(', ');
    const more = macs.length > mostNamed ? ' and others' : '';
    const why = `it sends as ${named}${more}: other hosts do not reach a MAC address that the engine has not given`;
    retries.waits({ key, name: `container ${name} on network ${network.name}` }, new Error(why));
    if (this.#listed.has(id)) return;
    this.#listed.set(id, key);
    const attributes = { name: network.name, type: network.driver, container: containerId, mac: named };
    events.emit({ type: 'network', action: 'warning', id: network.id, attributes });
  }
}
