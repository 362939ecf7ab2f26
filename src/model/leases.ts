/** Taken addresses of networks: one exact set per pool, maintained with the records. */

import { AddressSet } from '../ipam/address-set.ts';
import type { Pool } from '../ipam/pool.ts';
import { SubnetTree } from '../ipam/subnet-tree.ts';
import { bare, contains, hostAddressText, parseCidr, readAddress } from '../net/address.ts';
import { type Family, familyOf } from '../net/family.ts';
import type { Endpoint, EndpointSpec } from './endpoint.ts';
import type { Network } from './network.ts';
import type { Holding } from './outbox.ts';

export interface LeaseReader {
  /** The subnets that the engine has given to networks, by family. */
  readonly subnets: Readonly<Record<Family, SubnetTree>>;
  /** Addresses of external IPAM drivers, by network. */
  readonly elsewhere: ReadonlyMap<string, readonly string[]>;
  /** The lowest free address of a family, with its pool's prefix length; undefined: none is left. */
  firstFree(networkId: string, family: Family): string | undefined;
  /** The pool that contains an address, and whether that address is free. */
  look(networkId: string, address: string): { readonly pool: Pool; readonly free: boolean } | undefined;
  /** Used and free addresses of each pool, in the network's order. */
  status(
    networkId: string,
  ): readonly { readonly subnet: string; readonly used: bigint; readonly free: bigint }[];
}

interface Lease {
  readonly pool: Pool;
  readonly set: AddressSet;
  /**
   * The address that was taken last, of a network of the cluster: the next one is drawn after it, so that a freed
   * address is not another's at once, while some host may not know yet. Undefined: the lowest is drawn.
   */
  last?: string;
}

/** The next free address after the last one that was taken, or one further on; in turn. */
function drawnAfter(set: AddressSet, last: string, skip: number): string | undefined {
  let address = (last === '' ? undefined : set.firstFree(last)) ?? set.firstFree();
  for (let passed = 0; passed < skip && address !== undefined; passed++)
    address = set.firstFree(address) ?? set.firstFree();
  return address;
}

/** Whether the engine itself gives the network's addresses. */
export const leasesHere = ({ ipam }: { readonly ipam: Pick<Network['ipam'], 'driver'> }): boolean =>
  ['', 'default'].includes(ipam.driver);

/** Name of the IPAM driver that gives no addresses at all. */
const noAddresses = 'null';

export const leasesNothing = ({ ipam }: { readonly ipam: Pick<Network['ipam'], 'driver'> }): boolean =>
  ipam.driver === noAddresses;

/** The endpoint's own address of a family, with prefix length, not an additional link-local one. */
export const ownAddress = (
  { addresses, spec }: Pick<Endpoint, 'addresses' | 'spec'>,
  family: Family,
): string | undefined =>
  addresses.find(
    (address) =>
      familyOf(address) === family &&
      !spec.linkLocal.some((local) => hostAddressText(local) === bare(address)),
  );

type Wanted = Pick<EndpointSpec, 'network' | 'ipv4' | 'ipv6'>;

const wantedBy = ({ network, ipv4, ipv6 }: Wanted) =>
  [ipv4, ipv6].flatMap((address) => (address ? [{ network, address: hostAddressText(address) }] : []));

export class LeaseIndex implements LeaseReader {
  /** Free addresses of a network of the cluster to pass over: hosts that draw at the same time would all draw the same one. */
  skip = 0;
  readonly #byNetwork = new Map<string, readonly Lease[]>();
  readonly #idOfName = new Map<string, string>();
  /** By name of the network: addresses that containers ask for, running or not, and how many ask. */
  readonly #wanted = new Map<string, Map<string, number>>();

  /** By network: how many hold an address that another one holds as well, as while it passes between hosts. */
  readonly #others = new Map<string, Map<string, number>>();

  readonly subnets = { 4: new SubnetTree(4), 6: new SubnetTree(6) };

  /** Subnets of pools that others have given: no subnet is chosen that overlaps one, by network. */
  readonly elsewhere = new Map<string, readonly string[]>();

  /** A config-only network claims nothing, unlike networks made from it. */
  open(network: Network): void {
    if (network.configOnly) return;
    if (!leasesHere(network)) {
      this.elsewhere.set(
        network.id,
        network.ipam.pools.map(({ subnet }) => subnet),
      );
      return;
    }
    for (const { subnet } of network.ipam.pools) this.subnets[familyOf(subnet)].add(parseCidr(subnet));
    this.#byNetwork.set(
      network.id,
      network.ipam.pools.map((pool) => ({
        pool,
        set: new AddressSet(pool),
        ...(network.overlay && { last: '' }),
      })),
    );
    this.#idOfName.set(network.name, network.id);
    for (const address of this.#wanted.get(network.name)?.keys() ?? [])
      this.#leaseOf(network.id, address)?.set.avoid(address);
  }

  close(network: Network): void {
    if (network.configOnly) return;
    if (this.elsewhere.delete(network.id)) return;
    for (const { subnet } of network.ipam.pools) this.subnets[familyOf(subnet)].remove(parseCidr(subnet));
    this.#byNetwork.delete(network.id);
    this.#others.delete(network.id);
    this.#idOfName.delete(network.name);
  }

  /** Addresses that a container asks for are drawn for no other as long as there are others. */
  want(specs: readonly Wanted[]): void {
    for (const { network, address } of specs.flatMap(wantedBy)) {
      const known = this.#wanted.get(network) ?? new Map<string, number>();
      this.#wanted.set(network, known.set(address, (known.get(address) ?? 0) + 1));
      this.#leaseOf(this.#idOfName.get(network) ?? '', address)?.set.avoid(address);
    }
  }

  unwant(specs: readonly Wanted[]): void {
    for (const { network, address } of specs.flatMap(wantedBy)) {
      const known = this.#wanted.get(network);
      const left = (known?.get(address) ?? 1) - 1;
      if (left > 0) known?.set(address, left);
      else {
        known?.delete(address);
        this.#leaseOf(this.#idOfName.get(network) ?? '', address)?.set.stopAvoiding(address);
      }
      if (known?.size === 0) this.#wanted.delete(network);
    }
  }

  take(endpoint: Pick<Endpoint, 'networkId' | 'addresses'>): void {
    for (const address of endpoint.addresses) this.#reserve(endpoint.networkId, bare(address));
  }

  give(endpoint: Pick<Endpoint, 'networkId' | 'addresses'>): void {
    for (const address of endpoint.addresses) this.#release(endpoint.networkId, bare(address));
  }

  /** Addresses reserved for a request that waits for a plugin. */
  hold({ subnets = [], networkId = '', addresses = [] }: Holding): void {
    for (const subnet of subnets) this.subnets[familyOf(subnet)].add(parseCidr(subnet));
    for (const address of addresses) this.#reserve(networkId, bare(address));
  }

  letGo({ subnets = [], networkId = '', addresses = [] }: Holding): void {
    for (const subnet of subnets) this.subnets[familyOf(subnet)].remove(parseCidr(subnet));
    for (const address of addresses) this.#release(networkId, bare(address));
  }

  firstFree(networkId: string, family: Family): string | undefined {
    for (const { pool, set, last } of this.#byNetwork.get(networkId) ?? []) {
      if (familyOf(pool.subnet) !== family) continue;
      const address = last === undefined ? set.firstFree() : drawnAfter(set, last, this.skip);
      if (address !== undefined) return `${address}/${pool.subnet.split('/')[1]}`;
    }
    return undefined;
  }

  look(networkId: string, address: string): { pool: Pool; free: boolean } | undefined {
    const lease = this.#leaseOf(networkId, address);
    return lease && { pool: lease.pool, free: lease.set.isFree(address) };
  }

  status(networkId: string): readonly { subnet: string; used: bigint; free: bigint }[] {
    return (this.#byNetwork.get(networkId) ?? []).map(({ pool, set }) => ({
      subnet: pool.subnet,
      used: set.used(),
      free: set.free(),
    }));
  }

  #reserve(networkId: string, address: string): void {
    const lease = this.#leaseOf(networkId, address);
    if (lease?.last !== undefined) lease.last = address;
    if (!lease || lease.set.reserve(address)) return;
    const others = this.#others.get(networkId) ?? new Map<string, number>();
    this.#others.set(networkId, others.set(address, (others.get(address) ?? 0) + 1));
  }

  #release(networkId: string, address: string): void {
    const others = this.#others.get(networkId);
    const left = others?.get(address) ?? 0;
    if (left > 1) others?.set(address, left - 1);
    else if (left === 1) others?.delete(address);
    else this.#leaseOf(networkId, address)?.set.release(address);
  }

  #leaseOf(networkId: string, address: string): Lease | undefined {
    const wanted = readAddress(address);
    if (!wanted) return undefined;
    return this.#byNetwork.get(networkId)?.find(({ pool }) => contains(parseCidr(pool.subnet), wanted));
  }
}
