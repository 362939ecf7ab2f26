/** Calls to IPAM plugins, which allocate pools and addresses. Answers are checked before they are used. */

import type { TSchema } from 'typebox';
import { during, fail } from '../errors.ts';
import { bare, contains, readAddress, readCidr } from '../net/address.ts';
import { type Family, familyOf } from '../net/family.ts';
import { addressGiven, addressSpaces, poolGiven, type Request, request } from './answers.ts';
import { capabilitiesOf } from './capabilities.ts';
import type { PluginClient } from './plugin.ts';
import type { Plugins } from './plugins.ts';

export interface AddressSpace {
  readonly name: string;
  /** Its addresses are shared by several hosts. */
  readonly isGlobal: boolean;
}

export interface PoolRequest {
  readonly space: string;
  readonly isGlobal: boolean;
  /** '' for any. */
  readonly pool: string;
  readonly subPool: string;
  readonly options: Readonly<Record<string, string>>;
  readonly family: Family;
}

export interface GivenPool {
  readonly id: string;
  /** CIDR. */
  readonly subnet: string;
  /** Without prefix length; undefined if the driver gave none with the pool. */
  readonly gateway: string | undefined;
}

export interface AddressRequest {
  readonly pool: { readonly id: string; readonly subnet: string };
  /** '' for any. */
  readonly address: string;
  readonly options: Readonly<Record<string, string>> | null;
}

export interface IpamDriver {
  /** The MAC address of an endpoint is chosen before its addresses and sent with the request. */
  readonly requiresMac: boolean;
  /** It loses its allocations when it ends, so they are requested again. */
  readonly requiresReplay: boolean;
  /** See `PluginClient`. */
  readonly activation: object;
  /** Its address space for networks of local scope. */
  localSpace(): Promise<AddressSpace>;
  requestPool(asked: Omit<PoolRequest, 'isGlobal'>): Promise<GivenPool>;
  /** Resolves with an address with prefix length. */
  requestAddress(asked: AddressRequest): Promise<string>;
}

/** Throws PLUGIN_NOT_FOUND, PLUGIN_LACKS_DRIVER, and the errors of the handshake. */
export async function findIpamDriver(plugins: Plugins, name: string): Promise<IpamDriver> {
  const client = await plugins.find(name, 'IpamDriver');
  const { ipam } = await capabilitiesOf(plugins, client);
  return new RemoteIpam(client, ipam);
}

/** The key of the gateway in the data of a pool. */
const gatewayKey = 'com.docker.network.gateway';

class RemoteIpam implements IpamDriver {
  readonly requiresMac: boolean;
  readonly requiresReplay: boolean;
  readonly #client: PluginClient;

  constructor(
    client: PluginClient,
    { requiresMac, requiresReplay }: Pick<IpamDriver, 'requiresMac' | 'requiresReplay'>,
  ) {
    this.#client = client;
    this.requiresMac = requiresMac;
    this.requiresReplay = requiresReplay;
  }

  get activation(): object {
    return this.#client.activation;
  }

  async localSpace(): Promise<AddressSpace> {
    try {
      const { LocalDefaultAddressSpace: name = '', GlobalDefaultAddressSpace = '' } = await this.#ask({
        method: 'IpamDriver.GetDefaultAddressSpaces',
        body: {},
        answer: addressSpaces,
      });
      return { name, isGlobal: name === GlobalDefaultAddressSpace };
    } catch (error) {
      throw during('failed to get default address space', error);
    }
  }

  async requestPool({
    space,
    pool,
    subPool,
    options,
    family,
  }: Omit<PoolRequest, 'isGlobal'>): Promise<GivenPool> {
    const method = 'IpamDriver.RequestPool';
    const body = { AddressSpace: space, Pool: pool, SubPool: subPool, Options: options, V6: family === 6 };
    const {
      PoolID: id = '',
      Pool: subnet = '',
      Data = {},
    } = await this.#ask({ method, body, answer: poolGiven });
    const block = readCidr(subnet);
    if (!block || id === '' || familyOf(subnet) !== family)
      throw fail('PLUGIN_BROKEN', method, `the pool "${subnet}" with the id "${id}" is no IPv${family} pool`);
    const gateway = Data[gatewayKey];
    return { id, subnet, gateway: gateway === undefined ? undefined : bare(gateway) };
  }

  async requestAddress({ pool, address, options }: AddressRequest): Promise<string> {
    const method = 'IpamDriver.RequestAddress';
    const body = { PoolID: pool.id, Address: address, Options: options };
    const { Address: given = '' } = await this.#ask({ method, body, answer: addressGiven });
    return given;
  }

  #ask<S extends TSchema>(asked: Request<S>) {
    return request(this.#client, asked);
  }
}

/**
 * Checks an address with prefix length: it must be valid, in the pool, and the requested one if one was requested.
 * Throws PLUGIN_BROKEN.
 */
export function checkGivenAddress(
  given: string,
  { pool, address }: Pick<AddressRequest, 'pool' | 'address'>,
): void {
  const wrong = (why: string): Error =>
    fail('PLUGIN_BROKEN', 'IpamDriver.RequestAddress', `the address "${given}" ${why}`);
  const [block, subnet, host] = [readCidr(given), readCidr(pool.subnet), readAddress(bare(given))];
  if (!block || !host) throw wrong('is not in CIDR notation');
  if (!subnet || !contains(subnet, host)) throw wrong(`is not in the pool ${pool.subnet}`);
  const wanted = address === '' ? undefined : readAddress(address);
  if (wanted && wanted.value !== host.value) throw wrong(`is not the one that was asked for, ${address}`);
}
