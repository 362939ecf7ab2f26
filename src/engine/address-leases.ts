/** Requests pools and addresses from IPAM plugins, in Docker's order. */
import { during, fail, hasCode } from '../errors.ts';
import type { Pool } from '../ipam/pool.ts';
import { validatePools } from '../ipam/validate-pools.ts';
import type { Driver } from '../model/driver.ts';
import type { AddressLease, Membership } from '../model/endpoint.ts';
import { familiesFor, linkLocalAddresses } from '../model/endpoints.ts';
import type { CompleteRequest, Network, NetworkRequest } from '../model/network.ts';
import { networkFamilies } from '../model/networks.ts';
import { releaseAddress } from '../model/outbox.ts';
import { poolsOf } from '../model/pools.ts';
import { bare, contains, readAddress, readCidr } from '../net/address.ts';
import { type Family, familyOf } from '../net/family.ts';
import { readMac } from '../net/mac.ts';
import {
  type AddressSpace,
  checkGivenAddress,
  findIpamDriver,
  type IpamDriver,
} from '../plugins/ipam-driver.ts';
import { type PoolAsked, requestPool } from './free-pool.ts';
import type { PreparationLedger } from './ledger.ts';
import type { Destination, Preparing } from './preparing.ts';

/** Options of requests to IPAM drivers (libnetwork, ipamapi and netlabel). */
const labels = {
  type: 'RequestAddressType',
  gateway: 'com.docker.network.gateway',
  mac: 'com.docker.network.endpoint.macaddress',
} as const;

interface Asked {
  /** Name of the plugin. */
  readonly plugin: string;
  readonly driver: IpamDriver;
  readonly ledger: PreparationLedger;
  /** The name of the current holder of an address. */
  readonly holderOf?: (address: string) => string | undefined;
}

export interface PoolsRequest {
  readonly request: CompleteRequest;
  readonly driver: Driver;
  readonly withoutGateway: readonly Family[];
  /** CIDRs that a pool chosen by the driver may not overlap. */
  readonly routed: readonly string[];
}

/** The pools of a new network, with the addresses of the network itself: gateways and auxiliary addresses. */
export async function leasePools(
  core: Preparing,
  { request, driver: network, withoutGateway, routed }: PoolsRequest,
  ledger: PreparationLedger,
): Promise<readonly Pool[]> {
  const plugin = request.ipam.driver;
  const driver = await findIpamDriver(core.plugins, plugin);
  await driver.localSpace();
  // the request is checked before a pool is requested
  const explicit = request.ipam.pools.flatMap(({ subnet, ...more }) => (subnet ? [{ subnet, ...more }] : []));
  validatePools(explicit, [], { gateway: false });
  const pools: Pool[] = [];
  for (const family of networkFamilies(request)) {
    // once more per family, as Docker
    const space = await driver.localSpace();
    const wanted = request.ipam.pools.filter(
      ({ subnet, gateway, ipRange }) => familyOf(subnet || ipRange || gateway || '') === family,
    );
    for (const pool of wanted.length > 0 ? wanted : [{ auxAddresses: {} }]) {
      const asked = { plugin, driver, ledger, routed };
      pools.push(
        await leasePool(asked, {
          ...pool,
          family,
          space,
          options: request.ipam.options ?? {},
          wantsGateway: network.wantsGateway(request, family) && !withoutGateway.includes(family),
        }),
      );
    }
  }
  return pools;
}

type WantedPool = NetworkRequest['ipam']['pools'][number] & {
  readonly family: Family;
  readonly space: AddressSpace;
  readonly options: Readonly<Record<string, string>>;
  readonly wantsGateway: boolean;
};

async function leasePool(asked: PoolAsked & Asked, wanted: WantedPool): Promise<Pool> {
  const { space, options, family, subnet = '', ipRange, auxAddresses } = wanted;
  const given = await requestPool(asked, {
    ...{ space: space.name, isGlobal: space.isGlobal },
    ...{ pool: subnet, subPool: ipRange ?? '', options, family },
  });
  const addresses: string[] = [];
  const take = async (address: string, what: string, more: Readonly<Record<string, string>> | null) => {
    const found = await leaseAddress(asked, {
      pool: { id: given.id, subnet: given.subnet },
      address,
      options: more,
    }).catch((error) => {
      throw during(`failed to allocate ${what}`, error);
    });
    addresses.push(bare(found));
    return bare(found);
  };
  let { gateway } = given;
  if (wanted.gateway || (gateway === undefined && wanted.wantsGateway))
    gateway = await take(wanted.gateway ?? '', `gateway (${wanted.gateway ?? ''})`, {
      [labels.type]: labels.gateway,
    });
  for (const [name, address] of Object.entries(auxAddresses))
    await take(address, `secondary ip address (${name}:${address})`, null);
  return {
    subnet: given.subnet,
    ...(subnet === '' && { chosen: true }),
    ...(ipRange && { ipRange }),
    ...(gateway && { gateway }),
    auxAddresses,
    lease: { id: given.id, space: space.name, addresses },
  };
}

interface WantedAddress {
  readonly pool: { readonly id: string; readonly subnet: string };
  /** '' for any. */
  readonly address: string;
  readonly options: Readonly<Record<string, string>> | null;
}

/** Resolves with an address with prefix length. The undo of a specific address is recorded before the request. */
async function leaseAddress(
  { plugin, driver, ledger, holderOf = () => undefined }: Asked,
  wanted: WantedAddress,
): Promise<string> {
  const { pool, address } = wanted;
  const undo = address === '' ? undefined : releaseAddress(plugin, pool.id, address);
  const given = await ledger.ask(undo, async () => {
    const answer = await driver.requestAddress(wanted);
    refuseHeld(answer, holderOf(bare(answer)));
    return answer;
  });
  if (!undo && given !== '') await ledger.given(releaseAddress(plugin, pool.id, bare(given)));
  checkGivenAddress(given, wanted);
  return given;
}

/** Such an address is not released: it belongs to its holder. */
function refuseHeld(given: string, holder: string | undefined): void {
  if (holder !== undefined)
    throw fail('PLUGIN_REFUSED', 'IpamDriver.RequestAddress', `the address ${given} is in use by ${holder}`);
}

/** The holder of an address of the network, by the records. */
const holderIn =
  ({ model }: Pick<Preparing, 'model'>, { id, ipam }: Network) =>
  (address: string): string | undefined =>
    ipam.pools.some(({ lease: pool }) => pool?.addresses.includes(address))
      ? 'the network itself'
      : Array.from(model.endpointsOfNetwork(id)).find(({ leases = [] }) =>
          leases.some((one) => one.address === address),
        )?.name;

export interface EndpointLease {
  /** With prefix length. */
  readonly addresses: readonly string[];
  readonly leases: readonly AddressLease[];
  /** Set if the driver requires it for its requests. */
  readonly mac: string | undefined;
}

/** The addresses of a new endpoint. */
export async function lease(
  core: Preparing,
  {
    network,
    spec,
    destination,
  }: { readonly network: Network; readonly spec: Membership; readonly destination: Destination },
  ledger: PreparationLedger,
): Promise<EndpointLease> {
  const plugin = network.ipam.driver;
  const driver = await findIpamDriver(core.plugins, plugin);
  const mac = driver.requiresMac ? (askedMac(spec) ?? core.generate.mac()) : undefined;
  const options = mac ? { [labels.mac]: mac } : null;
  const asked = { plugin, driver, ledger, holderOf: holderIn(core, network) };
  const found: { readonly pool: string; readonly given: string }[] = [];
  for (const family of familiesFor({ network, spec, sysctls: destination.sysctls })) {
    const address = (family === 4 ? spec.ipv4 : spec.ipv6) ?? '';
    found.push(await leaseOf(asked, { network, family, address, options }));
  }
  return {
    addresses: [...found.map(({ given }) => given), ...linkLocalAddresses(spec)],
    leases: found.map(({ pool, given }) => ({ pool, address: bare(given) })),
    mac,
  };
}

const askedMac = ({ mac, kept }: Membership): string | undefined => (mac && readMac(mac)) || kept?.mac;

/** From the first pool that gives an address, as in Docker; a specific address from the pool that contains it. */
async function leaseOf(
  asked: Asked,
  {
    network,
    family,
    address,
    options,
  }: Omit<WantedAddress, 'pool'> & { readonly network: Network; readonly family: Family },
): Promise<{ readonly pool: string; readonly given: string }> {
  let failure: unknown = fail('ADDRESSES_EXHAUSTED', family, `${network.name} (${network.id})`);
  for (const { lease: pool, subnet } of poolsOf(network, family)) {
    if (!pool || (address !== '' && !containsAddress(subnet, address))) continue;
    try {
      const given = await leaseAddress(asked, { pool: { id: pool.id, subnet }, address, options });
      return { pool: pool.id, given };
    } catch (error) {
      failure = error;
      if (!hasCode(error, 'PLUGIN_REFUSED')) break;
    }
  }
  throw failure;
}

function containsAddress(subnet: string, address: string): boolean {
  const [block, host] = [readCidr(subnet), readAddress(address)];
  return block !== undefined && host !== undefined && contains(block, host);
}
