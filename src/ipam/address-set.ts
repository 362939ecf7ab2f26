/** Allocation of the addresses of one pool, lowest free address first. */
import { fail } from '../errors.ts';
import {
  type Address,
  broadcast,
  type Cidr,
  contains,
  formatAddress,
  hostCount,
  parseAddress,
  parseCidr,
  parseSubnet,
} from '../net/address.ts';
import { width } from '../net/family.ts';
import { BitTree } from './bit-tree.ts';
import type { Pool } from './pool.ts';

/**
 * Mutable, kept beside the model. The network address, IPv4's broadcast address, the gateway and the
 * auxiliary addresses are taken from the start and cannot be released. `ipRange` limits what `allocate`
 * hands out, not what can be reserved.
 */
export class AddressSet {
  readonly #subnet: Cidr;
  readonly #range: Cidr;
  readonly #taken: BitTree;
  readonly #fixed = new Set<bigint>();
  /** Handed out only when nothing else is free. */
  readonly #avoided = new Set<bigint>();
  /** Taken or avoided; undefined until something is avoided. */
  #closed: BitTree | undefined;
  #used = 0n;
  #usedInRange = 0n;

  /** Throws POOL_INVALID, ADDRESS_INVALID or ADDRESS_OUTSIDE for an invalid pool. */
  constructor(pool: Pool) {
    this.#subnet = parseSubnet(pool.subnet);
    this.#range = pool.ipRange === undefined ? this.#subnet : parseCidr(pool.ipRange);
    this.#taken = new BitTree(width(this.#subnet.version) - this.#subnet.prefix);
    for (const address of unusableAddresses(this.#subnet)) this.#fix(address);
    for (const text of [pool.gateway, ...Object.values(pool.auxAddresses)])
      if (text !== undefined && text !== '') this.#fix(this.#inside(text));
  }

  /** Takes the lowest free address of the range; undefined where none is left. */
  allocate(): string | undefined {
    const address = this.#firstHole(this.#range.value);
    if (!address) return undefined;
    this.#take(address);
    return formatAddress(address);
  }

  /** Takes that address; false where it is already taken. Throws ADDRESS_OUTSIDE. */
  reserve(address: string): boolean {
    return this.#take(this.#inside(address));
  }

  /** False where it was free, or is one of the pool's fixed addresses (gateway and the like). */
  release(address: string): boolean {
    const given = this.#inside(address);
    if (this.#fixed.has(given.value) || !this.#taken.delete(given.value - this.#subnet.value)) return false;
    if (!this.#avoided.has(given.value)) this.#closed?.delete(given.value - this.#subnet.value);
    this.#count(given, -1n);
    return true;
  }

  /** Throws ADDRESS_OUTSIDE. */
  isFree(address: string): boolean {
    return !this.#taken.has(this.#inside(address).value - this.#subnet.value);
  }

  /** The address that `allocate` would take; with `after`, the first free one above that address. */
  firstFree(after?: string): string | undefined {
    const from = after === undefined ? this.#range.value : parseAddress(after).value + 1n;
    const address = this.#firstHole(from < this.#range.value ? this.#range.value : from);
    return address && formatAddress(address);
  }

  /** The lowest `count` free addresses of the range, fewer where fewer are left. Nothing is taken. */
  peek(count: number): string[] {
    const found: string[] = [];
    for (let next = this.firstFree(); next !== undefined && found.length < count; next = this.firstFree(next))
      found.push(next);
    return found;
  }

  /** `allocate` hands it out only when nothing else is free; `reserve` is not affected. Throws ADDRESS_OUTSIDE. */
  avoid(address: string): void {
    const { value } = this.#inside(address);
    this.#closed ??= this.#taken.copy();
    this.#avoided.add(value);
    this.#closed.add(value - this.#subnet.value);
  }

  /** Throws ADDRESS_OUTSIDE. */
  stopAvoiding(address: string): void {
    const { value } = this.#inside(address);
    if (!this.#avoided.delete(value)) return;
    const at = value - this.#subnet.value;
    if (!this.#taken.has(at)) this.#closed?.delete(at);
  }

  /** How many addresses `allocate` can still hand out. */
  free(): bigint {
    return hostCount(this.#range) - this.#usedInRange;
  }

  /** How many addresses of the whole subnet are taken, the fixed ones included. */
  used(): bigint {
    return this.#used;
  }

  #firstHole(from: bigint): Address | undefined {
    if (from > broadcast(this.#range).value) return undefined;
    return this.#holeIn(this.#closed, from) ?? this.#holeIn(this.#taken, from);
  }

  #holeIn(tree: BitTree | undefined, from: bigint): Address | undefined {
    const hole = tree?.firstHole(from - this.#subnet.value);
    if (hole === undefined) return undefined;
    const address = { version: this.#subnet.version, value: this.#subnet.value + hole };
    return contains(this.#range, address) ? address : undefined;
  }

  #take(address: Address): boolean {
    if (!this.#taken.add(address.value - this.#subnet.value)) return false;
    this.#closed?.add(address.value - this.#subnet.value);
    this.#count(address, 1n);
    return true;
  }

  #fix(address: Address): void {
    this.#take(address);
    this.#fixed.add(address.value);
  }

  #count(address: Address, by: bigint): void {
    this.#used += by;
    if (contains(this.#range, address)) this.#usedInRange += by;
  }

  #inside(text: string): Address {
    const address = parseAddress(text);
    if (!contains(this.#subnet, address)) throw fail('ADDRESS_OUTSIDE', text);
    return address;
  }
}

/**
 * Addresses that endpoints cannot have. IPv4: network and broadcast address, none in a /31 or /32
 * (RFC 3021). IPv6: the subnet-router anycast address (RFC 4291 section 2.6.1), none in a /127 or /128
 * (RFC 6164).
 */
export function unusableAddresses(subnet: Cidr): readonly Address[] {
  if (width(subnet.version) - subnet.prefix < 2) return [];
  const first = { version: subnet.version, value: subnet.value };
  return subnet.version === 4 ? [first, broadcast(subnet)] : [first];
}
