/** The addresses of one pool and which of them are taken: exact, lowest free address first. */
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
 * Mutable, kept beside the model. From the start these are taken and can never be given back: the
 * network address, IPv4's broadcast address, the gateway, the auxiliary addresses. `ipRange` limits
 * what is handed out, not what can be asked for by name.
 */
export class AddressSet {
  readonly #subnet: Cidr;
  readonly #range: Cidr;
  readonly #taken: BitTree;
  readonly #fixed = new Set<bigint>();
  /** Free, and handed out last. */
  readonly #avoided = new Set<bigint>();
  /** What is taken or avoided; absent until something is avoided. */
  #closed: BitTree | undefined;
  #used = 0n;
  #usedInRange = 0n;

  /** Throws POOL_INVALID, ADDRESS_INVALID or ADDRESS_OUTSIDE for a pool that cannot be. */
  constructor(pool: Pool) {
    this.#subnet = parseSubnet(pool.subnet);
    this.#range = pool.ipRange === undefined ? this.#subnet : parseCidr(pool.ipRange);
    this.#taken = new BitTree(width(this.#subnet.version) - this.#subnet.prefix);
    for (const address of unusableAddresses(this.#subnet)) this.#fix(address);
    for (const text of [pool.gateway, ...Object.values(pool.auxAddresses)])
      if (text !== undefined && text !== '') this.#fix(this.#inside(text));
  }

  /** Takes the lowest free address of the range; undefined: none is left. */
  allocate(): string | undefined {
    const address = this.#firstHole(this.#range.value);
    if (!address) return undefined;
    this.#take(address);
    return formatAddress(address);
  }

  /** Takes that address; false where it is taken. Throws ADDRESS_OUTSIDE. */
  reserve(address: string): boolean {
    return this.#take(this.#inside(address));
  }

  /** Gives it back; false where it was free, or belongs to the pool itself (gateway and the like). */
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

  /** What `allocate` would take; with `after`, the first free one beyond that address. */
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

  /** Hand it out only where no other is left; asked by name it is as free as before. Throws ADDRESS_OUTSIDE. */
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

  /** Free addresses that `allocate` could still hand out. */
  free(): bigint {
    return hostCount(this.#range) - this.#usedInRange;
  }

  /** Taken addresses of the whole subnet, those of the pool itself among them. */
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
 * Addresses that no endpoint can have. IPv4: network and broadcast address, none in a /31 or /32
 * (RFC 3021). IPv6: the subnet-router anycast address (RFC 4291 section 2.6.1), none in a /127 or /128
 * (RFC 6164).
 */
export function unusableAddresses(subnet: Cidr): readonly Address[] {
  if (width(subnet.version) - subnet.prefix < 2) return [];
  const first = { version: subnet.version, value: subnet.value };
  return subnet.version === 4 ? [first, broadcast(subnet)] : [first];
}
