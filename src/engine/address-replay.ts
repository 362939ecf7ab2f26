/** IPAM drivers that keep nothing over a restart get their requests again (RequiresRequestReplay). */
import { fail, hasCode } from '../errors.ts';
import type { Network } from '../model/network.ts';
import { familyOf } from '../net/family.ts';
import type { IpamDriver } from '../plugins/ipam-driver.ts';
import type { Core } from './core.ts';

export class AddressReplay {
  readonly #core: Pick<Core, 'model'>;
  /** By handshake: the networks that the driver knows, or is being asked for. */
  readonly #known = new WeakMap<object, Map<string, Promise<void>>>();

  constructor(core: Pick<Core, 'model'>) {
    this.#core = core;
  }

  /**
   * Once for each handshake: a pool that is requested twice must be released twice. Throws what the driver says of the
   * pools.
   */
  replay(network: Network, driver: IpamDriver): Promise<void> {
    const { activation, requiresReplay } = driver;
    if (!requiresReplay) return Promise.resolve();
    const networks = this.#known.get(activation) ?? new Map<string, Promise<void>>();
    this.#known.set(activation, networks);
    const before = networks.get(network.id);
    if (before) return before;
    const replaying = replay(this.#core, network, driver);
    networks.set(network.id, replaying);
    // a failure is not cached
    replaying.catch(() => networks.delete(network.id));
    return replaying;
  }
}

/** An address that the driver knows already is as good as replayed. */
async function replay(core: Pick<Core, 'model'>, network: Network, driver: IpamDriver): Promise<void> {
  for (const { subnet, ipRange = '', gateway, lease } of network.ipam.pools) {
    if (!lease) continue;
    const options = network.ipam.options ?? {};
    const { space, id } = lease;
    const given = await driver.requestPool({
      space,
      pool: subnet,
      subPool: ipRange,
      options,
      family: familyOf(subnet),
    });
    if (given.id !== id)
      throw fail('PLUGIN_BROKEN', 'IpamDriver.RequestPool', `the pool ${id} is called ${given.id} now`);
    const used = core.model
      .endpointsOfNetwork(network.id)
      .flatMap(({ leases = [] }) => leases.flatMap(({ pool, address }) => (pool === id ? [address] : [])));
    for (const address of [...lease.addresses, ...used])
      await ask(driver, { pool: { id, subnet }, address, isGateway: address === gateway });
  }
}

interface Replayed {
  readonly pool: { readonly id: string; readonly subnet: string };
  readonly address: string;
  readonly isGateway: boolean;
}

async function ask(driver: IpamDriver, { pool, address, isGateway }: Replayed): Promise<void> {
  const options = isGateway ? { RequestAddressType: 'com.docker.network.gateway' } : null;
  try {
    await driver.requestAddress({ pool, address, options });
  } catch (error) {
    if (!hasCode(error, 'PLUGIN_REFUSED')) throw error;
  }
}
